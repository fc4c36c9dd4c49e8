// Made from react/ui.js by `make bundle`. Do not edit.
import*as React from"react";import{isTerminal}from"./loresmith.js";function words(name){let spaced=String(name).replace(/[_-]+/g," ").replace(/([a-z])([A-Z])/g,"$1 $2").
trim();return spaced.charAt(0).toUpperCase()+spaced.slice(1)}function money(amount,currency="USD"){let number=amount==
null||amount===""?NaN:Number(amount);if(Number.isNaN(number))return"unknown";let digits=number===0||
Math.abs(number)>=.1?2:Math.abs(number)>=.01?3:5,sign=currency==="USD"?"$":"";return`${sign}${number.
toFixed(digits)}${sign?"":` ${currency}`}`}function changeText(change){if(typeof change!="object")return String(
change);let{payload={},options={}}=change??{},{cache,...others}=options,fields=Object.entries({...payload,
...others}).map(([name,value])=>`${words(name)} ${typeof value=="object"?JSON.stringify(value):value}`);
return[...cache==="only"?["Cached result of an identical job"]:[],...fields].join(", ")}import{useNetworkStatus}from"./loresmith-react.js";var h=React.createElement,WORDS={pending:"Queued",
processing:"Running",completed:"Completed",failed:"Failed",cancelled:"Cancelled",skipped:"Skipped"},
SIGNS={pending:"◷",processing:"",completed:"✓",failed:"✕",cancelled:"⊘",skipped:"⊘"};function JobProgressSpinner({
job,showProgress=!0,showMessage=!0}){return job?h("div",{className:`ls-job ls-${job.status}`,"aria-b\
usy":!isTerminal(job)},h(Sign,{status:job.status}),showProgress&&h(Bar,{job}),showMessage&&h("p",{className:"\
ls-message",role:"status"},job.message),h(ErrorMessage,{job})):null}var ui_default=JobProgressSpinner;
function ProgressTracker({job,onCancel,onRetry,showDetails=!1}){if(!job)return null;let retryable=job.
status==="failed"||job.status==="cancelled";return h("section",{className:`ls-card ls-${job.status}`,
"aria-label":`Job ${job.type}`,"aria-busy":!isTerminal(job)},h("header",{className:"ls-head"},h(Sign,
{status:job.status}),h("strong",null,WORDS[job.status]??job.status),h("span",{className:"ls-type"},job.
type)),h(Bar,{job}),h("p",{className:"ls-message",role:"status"},job.message),h(ErrorMessage,{job}),
showDetails&&h(Details,{job}),h("div",{className:"ls-actions"},onCancel&&!isTerminal(job)&&h("button",
{type:"button",onClick:()=>onCancel()},"Cancel"),onRetry&&retryable&&h("button",{type:"button",onClick:()=>onRetry()},
"Retry")))}function CompactProgressTracker({job}){return job?h("span",{className:`ls-compact ls-${job.
status}`},h(Sign,{status:job.status}),h("span",{className:"ls-message"},isTerminal(job)?WORDS[job.status]:
job.message),h(Bar,{job})):null}function NetworkStatus(){let{online,paused,since}=useNetworkStatus();
return h("div",{role:"status",className:"ls-network"},paused||!online?h("p",null,`${online?"Reconnec\
ting…":"You are offline."} Your jobs continue in the background.`,since&&h("span",{className:"ls-s\
ince"},` Since ${clock(since)}.`)):null)}function CostGuardDialog({guard}){let dialog=React.useRef(null),
title=React.useId(),{pending,accept,decline,choose}=guard;return React.useEffect(()=>{let shown=dialog.
current;pending&&!shown?.open&&shown?.showModal?.()},[pending]),pending?h("dialog",{ref:dialog,className:"\
ls-dialog","aria-labelledby":title,onCancel:event=>(event.preventDefault(),decline())},h("h2",{id:title},
"Confirm cost"),h("p",null,priced(pending.estimate)),pending.alternatives?.length>0&&h(Cheaper,{alternatives:pending.
alternatives,choose}),h("div",{className:"ls-actions"},h("button",{type:"button",onClick:decline,autoFocus:!0},
"Cancel"),h("button",{type:"button",onClick:accept},"Confirm"))):null}function Cheaper({alternatives,
choose}){return h("ul",{className:"ls-cheaper","aria-label":"Cheaper"},alternatives.map(one=>{let text=`${changeText(
one.change)}, ${price(one.cost)}`;return h("li",{key:text},h("button",{type:"button",onClick:()=>choose(
one)},text))}))}function RecoveryToast({jobs,onView,onDismiss}){return h("div",{role:"status",className:"\
ls-toasts"},jobs.map(job=>h("div",{key:job.id,className:`ls-toast ls-${job.status}`},h("p",null,`${job.
type} ${(WORDS[job.status]??job.status).toLowerCase()} while you were away`),onView&&h("button",{type:"\
button",onClick:()=>onView(job)},"View"),h("button",{type:"button","aria-label":`Dismiss ${job.type}`,
onClick:()=>onDismiss(job.id)},"×"))))}function Sign({status}){return h("span",{className:`ls-sign${status===
"processing"?" ls-spinner":""}`,"aria-hidden":!0},SIGNS[status]??"")}function Bar({job}){let simulated=job.
progress_source==="simulated"&&!isTerminal(job);return h("div",{role:"progressbar","aria-label":"Pro\
gress","aria-valuemin":0,"aria-valuemax":100,"aria-valuenow":job.progress,"aria-valuetext":`${simulated?
"about ":""}${job.progress} %`,className:`ls-bar${simulated?" ls-simulated":""}`,title:simulated?"Es\
timated by time":void 0},h("div",{className:"ls-fill",style:{width:`${job.progress}%`}}))}function ErrorMessage({
job}){return job.status==="failed"?h("p",{className:"ls-error",role:"alert"},job.error||job.message):
null}function Details({job}){let rows=[["Job",job.id],["Created",clock(job.created_at)],["Started",clock(
job.started_at)],["Ended",clock(job.completed_at)],["Took",took(job)],["Attempt",job.attempt]];return h(
"dl",{className:"ls-details"},rows.filter(([,value])=>value).map(([name,value])=>h("div",{key:name},
h("dt",null,name),h("dd",null,value))))}function took({started_at:start,completed_at:end}){return start&&
end?`${Math.round((Date.parse(end)-Date.parse(start))/1e3)} s`:null}var clock=moment=>moment?new Date(
moment).toLocaleTimeString():null;function priced(estimate){let{expected=null,max=null,currency}=estimate?.
cost??{};if(max===null)return"No price known for this model.";let usual=expected===null?"":`, usuall\
y ${money(expected,currency)}`;return`This job could cost up to ${money(max,currency)}${usual}.`}function price(cost){
let{max=null,currency}=cost??{};return max===null?"price unknown":max===0?"free":`at most ${money(max,
currency)}`}export{CompactProgressTracker,CostGuardDialog,JobProgressSpinner,NetworkStatus,ProgressTracker,RecoveryToast,
ui_default as default};
