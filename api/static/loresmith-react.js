// Made from react/hooks.js by `make bundle`. Do not edit.
import*as React3 from"react";import{isTerminal as isTerminal2}from"./loresmith.js";import*as React from"react";import{createJobsClient}from"./loresmith.js";var Client=React.createContext(
null),shared=null;function JobsProvider({client,children}){return React.createElement(Client.Provider,
{value:client},children)}function useJobsClient(){return React.useContext(Client)??(shared??=createJobsClient())}import*as React2 from"react";import{isTerminal,LoresmithError}from"./loresmith.js";function useSubmittedJob(ends,options){let client=useJobsClient(),[handle,setHandle]=React2.useState(
null),[slot]=React2.useState(()=>client.env.uuid()),end=useEnd(ends),state=useHandle(handle,end,options?.
follow),chosen=useLatest(options),submit=React2.useCallback(async newJob=>{let options2={slot,...chosen.
current},next=client.start(newJob,options2);return end.listen(next),setHandle(next),next.sent.then(()=>next.
snapshot().job,()=>null)},[client,slot,chosen,end]),resume=React2.useCallback(id=>setHandle(client.handle(
{id})),[client]),reset=React2.useCallback(()=>setHandle(null),[]),isSubmitting=!!handle&&!state.job&&
!state.error;return{state,job:state.job,isSubmitting,submit,resume,reset,...useActions(handle)}}function useActions(handle){
let[refusal,setRefusal]=React2.useState(null);React2.useEffect(()=>setRefusal(null),[handle]);let act=React2.useCallback(
async action=>{setRefusal(null);try{await action}catch(error){if(!(error instanceof LoresmithError))
throw error;setRefusal(error.message)}},[]),cancel=React2.useCallback(()=>act(handle?.cancel()),[act,
handle]),retry=React2.useCallback((options={})=>act(handle?.retry(options.accept_duplicate_charge?{accept_duplicate_charge:!0}:
{})),[act,handle]);return{cancel,retry,refusal}}var NOTHING={id:null,key:null,job:null,connection:"w\
atching",since:null,pausedMs:0,recovered:!1,partial:{text:"",items:[]},error:null},nothing=()=>NOTHING,
never=()=>()=>{};function useHandle(handle,end,follow=!0){return React2.useEffect(()=>{if(!handle)return;
let leave=end.listen(handle);return follow&&handle.follow(),()=>{leave(),queueMicrotask(()=>handle.rest())}},
[handle,end,follow]),React2.useSyncExternalStore(handle?.subscribe??never,handle?.snapshot??nothing,
nothing)}function useEnd(ends){let latest=useLatest(ends);return React2.useMemo(()=>{let onEnd=state=>{
let{onSuccess,onComplete,onError}=latest.current,{job}=state;job?.status==="completed"?(onSuccess?.(
job.result,job),onComplete?.(job)):(job?.status!=="cancelled"||state.error)&&onError?.(message(state)??
"",job)};return{listen:handle=>handle.onFinish(onEnd)}},[latest])}function useLatest(value){let ref=React2.useRef(
value);return React2.useInsertionEffect(()=>void(ref.current=value)),ref}function useStates(handles){
let[,again]=React2.useReducer(count=>count+1,0);return React2.useEffect(()=>{let leaves=handles.map(
handle=>handle.subscribe(again));return again(),()=>leaves.forEach(leave=>leave())},[handles]),handles.
map(handle=>handle.snapshot())}var active=job=>!!job&&!isTerminal(job);function message({error,job}){
return error?error.message:job?.status==="failed"?job.error||job.message:null}function useJobPolling(onSuccess,onError,options){let one=useSubmittedJob({onSuccess,onError},options),
{state,job}=one;return{submit:one.submit,resume:one.resume,job,isPolling:active(job),isCompleted:job?.
status==="completed",isFailed:job?.status==="failed",isCancelled:job?.status==="cancelled",isPaused:state.
connection==="paused",isResumed:state.recovered,isSubmitting:one.isSubmitting,progress:job?.progress??
0,partial:state.partial,cost:job?.cost??null,error:one.refusal??message(state),cancel:one.cancel,retry:one.
retry,reset:one.reset}}function useSubmitJob(options){let client=useJobsClient(),{submit,job,isSubmitting,
state}=useSubmittedJob({},{...options,follow:!1}),estimate=React3.useCallback(newJob=>client.estimate(
newJob),[client]);return{submit,job,isSubmitting,error:message(state),estimate}}function useJobStatus(jobId,{
interval,onComplete,onError}={}){let client=useJobsClient(),handle=React3.useMemo(()=>jobId?client.handle(
{id:jobId}):null,[client,jobId]),state=useHandle(handle,useEnd({onComplete,onError}));React3.useEffect(
()=>{handle&&(handle.interval=interval)},[handle,interval]);let{refusal,...actions}=useActions(handle),
{job}=state;return{job,isLoading:!!handle&&!job&&!state.error,isComplete:job?.status==="completed",progress:job?.
progress??0,partial:state.partial,error:refusal??message(state),isPaused:state.connection==="paused",
...actions}}function useCreateJob({onComplete,onError,...options}={}){let one=useSubmittedJob({onComplete,
onError},options),{submit,job,state}=one;return{createJob:React3.useCallback((type,payload)=>submit(
{type,payload}),[submit]),job,progress:job?.progress??0,isLoading:one.isSubmitting||active(job),isComplete:job?.
status==="completed",error:one.refusal??message(state),cancel:one.cancel,retry:one.retry}}function useJobRecovery({
sessionId}={}){let client=useJobsClient(),[handles,setHandles]=React3.useState([]),[unsure,setUnsure]=React3.useState(
[]);React3.useEffect(()=>{let here=!0;return client.recover({sessionId}).then(all=>{here&&(setHandles(
[...all.resumed,...all.completedWhileAway]),setUnsure(all.unsure))},error=>client.env.warn(String(error))),
()=>void(here=!1)},[client,sessionId]);let states=useStates(handles),dismiss=React3.useCallback(id=>{
let handle=client.handles.get(id);handle&&client.markSeen(handle);let others=all=>all.filter(one=>one!==
handle);setHandles(others),setUnsure(others)},[client]),resume=React3.useCallback(id=>client.watch(id),
[client]);return{jobs:jobsOf(states.filter(({job,error})=>!isTerminal2(job)&&!error)),completedWhileAway:jobsOf(
states.filter(({job})=>isTerminal2(job))),unsure,resume,dismiss}}var jobsOf=states=>states.map(({job})=>job).
filter(job=>job!==null);function useJobs(query={}){let client=useJobsClient(),queryText=JSON.stringify(
query),[state,setState]=React3.useState({jobs:[],counts:null,isLoading:!0,error:null}),refresh=React3.useCallback(
async()=>{try{let{jobs,counts=null}=await client.list(JSON.parse(queryText));setState({jobs,counts,isLoading:!1,
error:null})}catch(error){setState(old=>({...old,isLoading:!1,error:error.message}))}},[client,queryText]);
return React3.useEffect(()=>(refresh(),client.feed.subscribe(throttled(client,refresh))),[client,refresh]),
{...state,refresh}}function useNetworkStatus(){let{network}=useJobsClient();return React3.useSyncExternalStore(
network.subscribe,network.snapshot,network.snapshot)}function useCostGuard(){let[questions,setQuestions]=React3.useState(
[]),confirm=React3.useCallback((estimate,alternatives)=>new Promise(answer=>setQuestions(others=>[...others,
{estimate,alternatives,answer}])),[]),open=React3.useRef(questions);React3.useInsertionEffect(()=>void(open.
current=questions)),React3.useEffect(()=>()=>open.current.forEach(({answer})=>answer(!1)),[]);let[pending=null]=questions,
choose=choice=>{pending?.answer(choice),setQuestions(all=>all.filter(one=>one!==pending))};return{confirm,
pending,accept:()=>choose(!0),decline:()=>choose(!1),choose:alternative=>choose(alternative)}}var REFRESH_INTERVAL_MS=1e3,
IGNORED_TYPES=["delta","item"];function throttled({env},refresh){let waiting=!1;return update=>{waiting||
IGNORED_TYPES.includes(update?.type)||(waiting=!0,env.setTimeout(()=>{waiting=!1,refresh()},REFRESH_INTERVAL_MS))}}export{JobsProvider,useCostGuard,useCreateJob,useJobPolling,useJobRecovery,useJobStatus,useJobs,useJobsClient,
useNetworkStatus,useSubmitJob};
