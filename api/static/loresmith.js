// Made from client/index.js by `make bundle`. Do not edit.
function environment(overrides={}){let g=globalThis;return{fetch:(...args)=>g.fetch(...args),now:()=>Date.
now(),setTimeout:(run,ms)=>g.setTimeout(run,ms),clearTimeout:timer=>g.clearTimeout(timer),random:Math.
random,uuid,window:g.window,document:g.document,navigator:g.navigator,locks:g.navigator?.locks,Channel:g.
BroadcastChannel,storage:()=>g.localStorage,warn:text=>g.console.warn(`loresmith: ${text}`),...overrides}}
function uuid(){if(globalThis.crypto.randomUUID)return globalThis.crypto.randomUUID();let bytes=globalThis.
crypto.getRandomValues(new Uint8Array(16));return bytes[6]=bytes[6]&15|64,bytes[8]=bytes[8]&63|128,Array.
from(bytes,byte=>byte.toString(16).padStart(2,"0")).join("").replace(/(.{8})(.{4})(.{4})(.{4})(.{12})/,
"$1-$2-$3-$4-$5")}function fingerprint(value){let hash=2166136261;for(let char of canonical(value))hash=
Math.imul(hash^char.codePointAt(0),16777619);return(hash>>>0).toString(16)}function canonical(value){
return value===null||typeof value!="object"?JSON.stringify(value)??"null":Array.isArray(value)?`[${value.
map(canonical)}]`:`{${Object.keys(value).sort().filter(name=>value[name]!==void 0).map(name=>`${JSON.
stringify(name)}:${canonical(value[name])}`)}}`}var LoresmithError=class extends Error{constructor(message){super(message),this.name=new.target.name}},
NoAnswer=class extends LoresmithError{},Refused=class extends LoresmithError{constructor(status,problem={},retryAfterMs){
super(problem.detail||problem.title||`The server answered ${status}`),this.status=status,this.problem=
problem,this.code=problem.code??"",this.retryAfterMs=retryAfterMs}get definite(){let again2=[408,425,
429].includes(this.status)||this.code==="idempotency-conflict";return this.status<500&&!again2}get uncertain(){
return this.status===408||this.status>=500&&this.status!==503}},Unsure=class extends LoresmithError{},
JobExpired=class extends LoresmithError{},JobEnded=class extends LoresmithError{constructor(job){super(
job.error||job.message||`The job is ${job.status}`),this.job=job}},JobFailed=class extends JobEnded{},
JobCancelled=class extends JobEnded{};function listeners(warn){let all=new Set;return{add(listener){return all.add(listener),()=>void all.
delete(listener)},notify(value){for(let listener of[...all])try{listener(value)}catch(error){warn(`a\
 listener threw ${error}`)}},get size(){return all.size}}}var Partial=class{constructor(){this.value={text:"",items:[]},this.step=void 0}apply(event){return event.
type==="delta"?this.#delta(event):(event.type==="item"&&this.#item(event),!0)}adopt(shown){if(!shown||
typeof shown!="object")return;let{text,items}=this.value,next={text:shown.text??text,items:Array.isArray(
shown.items)?shown.items:items};this.value={text:next.text.length>=text.length?next.text:text,items:next.
items.length>=items.length?next.items:items}}clear(){this.value={text:"",items:[]},this.step=void 0}#delta({
text:delta="",offset,step}){step!==void 0&&step!==this.step&&(this.step!==void 0&&(this.value={...this.
value,text:""}),this.step=step);let{text}=this.value,at=offset===void 0?text.length:units(text,offset);
return at<0?!1:(text.startsWith(delta,at)||(this.value={...this.value,text:text.slice(0,at)+delta}),
!0)}#item({index,item}){let items=[...this.value.items];items[index??items.length]=item,this.value={
...this.value,items}}};function units(text,offset){let at=0;for(let count=0;count<offset;count+=1){if(at>=
text.length)return-1;at+=text.codePointAt(at)>65535?2:1}return at}var HIDDEN_SLOWER=3,Watch=class{constructor(handle,client){this.handle=handle,this.client=client,this.
network=client.network,this.stop=new AbortController,this.failures=0,this.retryAfterMs=void 0,this.looking=
null,this.fixed=!1,this.holeAt=-1/0,this.path=`/jobs/${encodeURIComponent(handle.id)}`}async run(){let unwake=this.
network.wakes.add(()=>void(this.fixed||this.look())),unclose=this.client.closing.add(()=>this.stop.abort());
for(;!this.stop.signal.aborted;)await this.look(),this.stop.signal.aborted||await this.#listen();unwake(),
unclose()}look(){return this.looking??=this.#look().finally(()=>this.looking=null),this.looking}async#look(){
if(this.stop.signal.aborted)return;let{etag}=this.handle,headers=etag?{"If-None-Match":etag}:void 0;
try{let answer=await this.client.http.send("GET",this.path,{headers});this.failures=0,this.fixed=!1,
this.retryAfterMs=answer.retryAfterMs,this.stop.signal.aborted||this.#seen(answer)}catch(error){this.
stop.signal.aborted||this.#trouble(error)}}#seen({status,body,headers}){this.handle.resume(),status===
200&&this.handle.accept(body,headers.get("ETag")),this.handle.over&&this.stop.abort()}#trouble(error){
if(this.failures+=1,this.fixed=!1,this.retryAfterMs=void 0,error instanceof NoAnswer)return this.handle.
pause();if(!(error instanceof Refused))return this.client.env.warn(String(error));this.handle.resume(),
this.fixed=error.retryAfterMs!==void 0,this.retryAfterMs=error.retryAfterMs,[401,403,404,410].includes(
error.status)&&(this.handle.lost(error),this.stop.abort())}async#listen(){let{signal}=this.stop,{streams:streams2}=this.
client;if(this.failures===0&&streams2.allowed("job")){let ended=await streams2.share("job",`${this.path}\
/events`,this.#sink(),signal);if(signal.aborted||(ended&&await this.look(),signal.aborted))return}await this.
network.sleep(this.#cadence(),{signal,fixed:this.fixed})}#cadence(){let{failures,retryAfterMs}=this;
return failures>0?retryAfterMs??this.network.delay(failures):(this.handle.interval??retryAfterMs??this.
client.pollInterval)*(this.network.hidden?HIDDEN_SLOWER:1)}#sink(){let{handle}=this;return{lastId:handle.
lastId,event:(update,id)=>this.#event(update,id),shared:()=>handle.partial.value,adopt:shown=>handle.
adopt(shown)}}#event(update,id){if(this.stop.signal.aborted)return;let whole2=this.handle.update(update,
id);update.type==="done"||update.type==="reset"?this.look():!whole2&&this.client.env.now()-this.holeAt>=
this.client.pollInterval&&(this.holeAt=this.client.env.now(),this.look())}};var TERMINAL=["completed","failed","cancelled","skipped"],LOST=["expired","gone","refused"],isTerminal=job=>!!job&&
TERMINAL.includes(job.status),JobHandle=class{constructor(client,{key,id}){this.client=client,this.key=
key??null,this.id=id??null,this.partial=new Partial,this.changes=listeners(client.env.warn),this.updates=
listeners(client.env.warn),this.finishes=listeners(client.env.warn),this.interval=void 0,this.lastId=
void 0,this.seq=-1,this.etag=null,this.announced="",this.cancelRequested=!1,this.quiet=!1,this.watch=
null,this.state={id:this.id,key:this.key,job:null,connection:id?"watching":"sending",since:null,pausedMs:0,
recovered:!1,partial:this.partial.value,error:null},this.sent=Promise.resolve(this)}snapshot=()=>this.
state;subscribe=listener=>this.changes.add(listener);onFinish=listener=>this.finishes.add(listener);get over(){
return LOST.includes(this.state.connection)||isTerminal(this.state.job)}async done(){this.over?this.
client.markSeen(this):await new Promise(resolve=>this.finishes.add(resolve));let error=this.#failure();
if(error)throw error;return this.state.job}async*events(){let waiting=[],wake=()=>{},leave=this.updates.
add(update=>(waiting.push(update),wake())),unsubscribe=this.subscribe(()=>wake());try{for(;;){for(;waiting.
length;)yield waiting.shift();if(this.over)return;await new Promise(resolve=>wake=()=>resolve(void 0))}}finally{
leave(),unsubscribe()}}async cancel(reason){if(!this.id)return this.cancelRequested=!0,this.client.dropUnsent(
this);try{await this.#act("cancel",reason?{reason}:{})}catch(error){if(!(error instanceof Refused)||
error.code!=="already-terminal")throw error;error.problem.job&&this.accept(error.problem.job)}}async retry(options={}){
let key=this.client.env.uuid();await this.#act("retry",{expected_attempt:this.state.job?.attempt,...options},
key)}detach(){this.watch?.stop.abort(),this.watch=null,this.client.forget(this)}rest(){this.changes.
size+this.finishes.size+this.updates.size>0||(this.watch?.stop.abort(),this.watch=null)}async#act(verb,body,key){
let headers=key?{"Idempotency-Key":key}:void 0,path=`/jobs/${encodeURIComponent(this.id)}/${verb}`,answer=await this.
client.sendWithRetries("POST",path,{body,headers});this.accept(answer.body),this.follow()}follow(){this.
over||!this.id||this.watch&&!this.watch.stop.signal.aborted||(this.watch=new Watch(this,this.client),
this.watch.run())}accept(job,etag=null){let known=this.state.job;known&&job.version<known.version||(known&&
isTerminal(known)&&!isTerminal(job)&&this.#reset(),this.id=job.id,this.etag=etag,this.partial.adopt(
job.partial_result),this.set({id:job.id,job,connection:isTerminal(job)?"terminal":"watching",partial:this.
partial.value,error:null,since:null}),isTerminal(job)&&this.#finish(`${job.attempt}:${job.retries??0}`))}update(event,id){
if(id&&(this.lastId=id),event.type==="reset")this.seq=-1;else if(event.type==="snapshot")this.#adoptSnapshot(
event);else return this.#advance(event);return this.updates.notify(event),!0}#adoptSnapshot({seq,job}){
this.seq=seq,this.adopt(job?.partial_result)}#advance(event){if(event.seq<=this.seq)return!0;let hole=this.
seq>=0&&event.seq>this.seq+1;this.seq=event.seq??this.seq;let whole2=this.partial.apply(event);return this.
set({job:moved(this.state.job,event),partial:this.partial.value}),this.updates.notify(event),whole2&&
!hole}adopt(shown){this.partial.adopt(shown),this.set({partial:this.partial.value})}pause(){this.state.
since===null&&this.set({connection:"paused",since:this.client.env.now()})}resume(){if(this.state.since===
null)return;let pausedMs=this.state.pausedMs+this.client.env.now()-this.state.since;this.set({connection:"\
watching",since:null,pausedMs})}lost(error){let isDeleted=error.status===404||error.status===410,refused=this.
id===null||!isDeleted,expires=Date.parse(this.state.job?.expires_at??""),expired=error.status===410||
expires<=this.client.env.now(),lost=refused?error:new JobExpired(error.message);this.set({connection:refused?
"refused":expired?"expired":"gone",error:lost}),this.#finish("lost")}set(change){this.state={...this.
state,...change},this.changes.notify(this.state)}#finish(end){if(this.announced===end)return;this.announced=
end,this.watch?.stop.abort();let announced=this.finishes.size>0;this.finishes.notify(this.state),this.
client.finished(this,announced)}#reset(){this.partial.clear(),this.seq=-1}#failure(){let{job,error}=this.
state;return error||!job?error:job.status==="completed"?null:job.status==="failed"?new JobFailed(job):
new JobCancelled(job)}};function moved(job,event){if(!job||isTerminal(job)||isTerminal(event)||event.
attempt<job.attempt)return job;let{status,phase,message,attempt,source}=event,version=Math.max(job.version,
event.seq??0),changes=Object.entries({status,phase,message,attempt,progress_source:source}),known=Object.
fromEntries(changes.filter(([,value])=>value!==void 0));return event.type==="cost"&&(known.cost={...job.
cost,...event.cost}),event.type==="usage"&&(known.usage=event.usage),{...job,...known,version,progress:Math.
max(job.progress,event.progress??0)}}function servedUnder(module){return/^https?:\/\/[^/]+(.*)\/static\/(?:loresmith[\w-]*|page)\.js$/.exec(
module??"")?.[1]??""}var Http=class{constructor({baseUrl=servedUnder(import.meta.url),token,requestTimeout=1e4},env,network){
this.baseUrl=baseUrl.replace(/\/$/,""),this.token=typeof token=="function"?token:()=>token??null,this.
timeoutMs=requestTimeout,this.env=env,this.network=network}async send(method,path,{body,headers}={}){
let text=body===void 0?void 0:JSON.stringify(body),abort=new AbortController,timer=this.env.setTimeout(
()=>abort.abort(),this.timeoutMs);try{let response=await this.open(method,path,{text,headers,signal:abort.
signal}),answer=read(response,await response.text(),this.env.now());if(this.network.answered(),answer.
status<400)return answer;throw new Refused(answer.status,answer.body??{},answer.retryAfterMs)}catch(error){
throw error instanceof Refused||(this.network.unanswered(),error instanceof LoresmithError)?error:new NoAnswer(
`No answer to ${method} ${path}`)}finally{this.env.clearTimeout(timer)}}async open(method,path,sent){
let response=await this.#once(method,path,sent,!1);return response.status===401?this.#once(method,path,
sent,!0):response}async#once(method,path,{text,headers,signal},refresh){let token=await this.token(refresh);
return this.env.fetch(this.baseUrl+path,{method,body:text,signal,cache:"no-store",credentials:"same-\
origin",headers:{Accept:"application/json",...text===void 0?{}:{"Content-Type":"application/json"},...token?
{Authorization:`Bearer ${token}`}:{},...headers}})}};function read(response,text,now){let{status,headers}=response;
return{status,headers,body:text?parsed(text,status):void 0,retryAfterMs:retryAfter(headers.get("Retr\
y-After"),now)}}function parsed(text,status){try{return JSON.parse(text)}catch{if(status<400)throw new NoAnswer(
"The answer was not JSON");return{}}}function retryAfter(value,now){if(!value?.trim())return;let ms=/^\s*\d+(\.\d+)?\s*$/.
test(value)?Number(value)*1e3:Date.parse(value)-now;return Number.isNaN(ms)?void 0:Math.max(0,ms)}var WAKE_EVENTS=["online","offline","focus","pageshow"],LATE_MS=1e3,Network=class{constructor(env,backoff={
base:1e3,max:3e4}){this.env=env,this.backoff=backoff,this.state={online:env.navigator?.onLine!==!1,paused:!1,
since:null},this.changes=listeners(env.warn),this.wakes=listeners(env.warn);for(let name of WAKE_EVENTS)
env.window?.addEventListener?.(name,this.#event);env.document?.addEventListener?.("visibilitychange",
this.#event)}snapshot=()=>this.state;subscribe=listener=>this.changes.add(listener);get hidden(){return this.
env.document?.visibilityState==="hidden"}answered(){this.state.paused&&this.#set({paused:!1,since:null})}unanswered(){
this.state.paused||this.#set({paused:!0,since:this.env.now()})}delay(failures){if(!this.state.online)
return this.backoff.max;let limit=Math.min(this.backoff.max,this.backoff.base*2**(failures-1));return this.
env.random()*limit}sleep(ms,{signal,fixed=!1}={}){if(signal?.aborted)return Promise.resolve();let started=this.
env.now();return new Promise(resolve=>{let end=()=>{this.env.clearTimeout(timer),unwake(),signal?.removeEventListener(
"abort",end),resolve(void 0)},unwake=fixed?()=>{}:this.wakes.add(end),timer=this.env.setTimeout(()=>{
end(),this.late(started,ms)&&this.wakes.notify(void 0)},ms);signal?.addEventListener("abort",end)})}late(started,ms){
return this.env.now()-started>2*ms+LATE_MS}close(){for(let name of WAKE_EVENTS)this.env.window?.removeEventListener?.(
name,this.#event);this.env.document?.removeEventListener?.("visibilitychange",this.#event)}#event=event=>{
let online=event.type==="online"||this.env.navigator?.onLine!==!1;online!==this.state.online&&this.#set(
{online}),!(event.type==="offline"||this.hidden)&&(event.type==="pageshow"&&!event.persisted||this.wakes.
notify(void 0))};#set(change){this.state={...this.state,...change},this.changes.notify(this.state)}};var Records=class{constructor(env,namespace,storage){this.env=env,this.setNamespace(namespace),this.
memory=new Map,this.warned=!1,this.storage=storage===void 0?this.#try(()=>env.storage?.()??null):storage}setNamespace(namespace){
this.prefix=`loresmith:${namespace}:`}save(intent){this.write(`intent:${intent.key}`,JSON.stringify(
intent))}rewrite(key,body){let intent=this.find(key);intent&&this.save({...intent,body})}acknowledge(key,id){
let intent=this.find(key);intent&&this.save({...intent,id,state:"watching",body:void 0})}find(key){let text=this.
read(`intent:${key}`);try{return text?JSON.parse(text):null}catch{return null}}remove(key){this.memory.
delete(`intent:${key}`),this.#try(()=>this.storage?.removeItem(`${this.prefix}intent:${key}`))}all(){
let intents=this.#keys().map(key=>this.find(key)).filter(intent=>intent!==null),[current,old]=[[],[]].
map(()=>[]);for(let intent of intents)(this.env.now()-intent.t<864e5?current:old).push(intent);for(let intent of old)
this.remove(intent.key);return current.sort((a,b)=>a.t-b.t)}read(name){return this.memory.get(name)??
this.#try(()=>this.storage?.getItem(this.prefix+name))??null}write(name,text){this.memory.delete(name),
this.#try(()=>(this.storage?.setItem(this.prefix+name,text),!!this.storage))||this.memory.set(name,text)}#keys(){
let start=`${this.prefix}intent:`,{storage}=this,stored=(this.#try(()=>Array.from({length:storage?.length??
0},(_,i)=>storage?.key(i)))??[]).filter(name=>name?.startsWith(start)),inMemory=[...this.memory.keys()].
filter(name=>name.startsWith("intent:")),all=[...stored.map(name=>String(name).slice(start.length)),
...inMemory.map(name=>name.slice(7))];return[...new Set(all)]}#try(run){try{return run()}catch(error){
this.warned||this.env.warn(`no storage (${error}): jobs are forgotten on reload`),this.warned=!0;return}}};async function recover(client,{sessionId}){let intents=client.records.all(),own=await Promise.all(intents.
map(intent=>resumeIntent(client,intent))),listed2=sessionId?await ofSession(client,sessionId):[],handles=[
...new Set([...own,...listed2])].filter(handle=>handle.state.error===null),unsure=own.filter(handle=>handle.
state.error instanceof Unsure);return client.records.write("visited",String(client.env.now())),{resumed:handles.
filter(handle=>!isTerminal(handle.state.job)),completedWhileAway:handles.filter(handle=>isTerminal(handle.
state.job)),unsure}}async function resumeIntent(client,intent){let{key,id,body,cancel=!1}=intent,known=client.
handles.get(key);if(known)return known.id?looked(known):known;let handle=client.handle({key,id});return handle.
cancelRequested=cancel,handle.set({recovered:!0}),id?await looked(handle):await settle(client,handle,
body),handle}async function looked(handle){return handle.follow(),await handle.watch?.look(),handle}
async function settle(client,handle,body){let job=await byKey(client,handle.key);if(job)return client.
acknowledged(handle,job);if(body)return void client.send(handle,body,{});let error=new Unsure("It is\
 unknown whether a job was accepted");handle.set({connection:"uncertain",error})}async function byKey(client,key){
let row=(await listed(client,{idempotency_key:key})).find(job=>job.idempotency_key===void 0||job.idempotency_key===
key);return row&&whole(client,row.id)}async function whole(client,id){try{return(await client.http.send(
"GET",`/jobs/${encodeURIComponent(id)}`)).body}catch(error){if(error instanceof LoresmithError)return;
throw error}}async function ofSession(client,sessionId){let visited=Number(client.records.read("visi\
ted")??0),since=visited?{completed_after:new Date(visited).toISOString()}:null,active=await listed(client,
{status:"active",session_id:sessionId}),ended=since?await listed(client,{status:"terminal",session_id:sessionId,
...since}):[];return Promise.all([...active,...ended].map(async job=>{let handle=client.handles.get(
job.id)??client.handle({id:job.id});return handle.state.job||handle.set({recovered:!0}),looked(handle)}))}
async function listed(client,query){try{return(await client.list(query)).jobs??[]}catch(error){if(error instanceof
Refused||error instanceof LoresmithError)return[];throw error}}async function readStream(http,path,{lastId,signal,onBytes,onEvent}){let dog=watchdog(http,signal);try{
dog.feed(5e3);let headers={Accept:"text/event-stream",...lastId?{"Last-Event-ID":lastId}:{}},response=await http.
open("GET",path,{headers,signal:dog.signal});if(!streams(response)||!response.body)return await refusal(
response);let reader=response.body.getReader(),parse=parser(onEvent),text=new TextDecoder;for(;;){let{
done,value}=await reader.read();if(done)return"ended";dog.feed(2e4),http.network.answered(),onBytes?.(),
parse(text.decode(value,{stream:!0}))}}catch{return dog.expired?"stalled":"cut"}finally{dog.stop()}}
var streams=({status,headers})=>status===200&&!!headers.get("Content-Type")?.includes("text/event-st\
ream");async function refusal(response){return[204,401,403,410].includes(response.status)?"over":response.
status>=500||response.status===429?"cut":(await response.json().catch(()=>({}))).code==="job-not-fou\
nd"?"over":"absent"}function watchdog({env,network},signal){let abort=new AbortController,leave=()=>abort.
abort();signal.addEventListener("abort",leave),signal.aborted&&leave();let timer,dog={signal:abort.signal,
expired:!1,feed(ms){env.clearTimeout(timer);let fed=env.now();timer=env.setTimeout(()=>{dog.expired=
!network.late(fed,ms)&&network.state.online,leave()},ms)},stop(){env.clearTimeout(timer),signal.removeEventListener(
"abort",leave),leave()}};return dog}function parser(onEvent){let rest="",data=[],id,line=text=>{text===
""?(data.length&&emit(data.join(`
`),id,onEvent),data=[]):text.startsWith("data:")?data.push(text.slice(5).replace(/^ /,"")):text.startsWith(
"id:")&&(id=text.slice(3).replace(/^ /,""))};return chunk=>{let lines=(rest+chunk).split(/\r\n|\n|\r(?!$)/);
rest=lines.pop(),lines.forEach(line)}}function emit(text,id,onEvent){let update;try{update=JSON.parse(
text)}catch{return}update&&typeof update=="object"&&onEvent(update,id)}var SLOTS=3,SILENCE_MS=2e4,HIDDEN_MS=6e4,BUFFERED_MS=10*6e4,Streams=class{constructor(http,records,transport){
this.http=http,this.env=http.env,this.network=http.network,this.records=records,this.transport=transport,
this.absent=new Set,this.tabs=!!(this.env.locks&&this.env.Channel)}allowed(sort){return this.transport===
"poll"||this.absent.has(sort)||this.network.hidden?!1:this.transport==="sse"?!0:this.env.now()<Number(
this.records.read("poll-until")??0)?!1:this.tabs||!this.env.document}async share(sort,path,sink,signal){
if(!this.tabs)return this.#read(sort,path,sink,signal);let channel=new this.env.Channel(this.records.
prefix+path);try{return await this.#locked(path,()=>this.#lead(sort,path,sink,channel,signal))??await this.#follow(
sink,channel,signal)}finally{channel.close()}}async#lead(sort,path,sink,channel,signal){channel.onmessage=
({data})=>{data.ask&&channel.postMessage({shown:sink.shared?.()})};let event=(update,id)=>{sink.event(
update,id),channel.postMessage({update,id})},relay={...sink,lastId:sink.lastId,event,bytes:()=>channel.
postMessage({alive:!0})},read2=()=>this.#read(sort,path,relay,signal),useful=sort==="feed"?await read2():
await this.#inSlot(read2);return channel.postMessage({over:!0}),useful}async#follow(sink,channel,signal){
let quiet=new AbortController,lastMessageAt=this.env.now();channel.onmessage=({data})=>{lastMessageAt=
this.env.now(),data.update&&sink.event(data.update,data.id),data.shown&&sink.adopt?.(data.shown),data.
over&&quiet.abort()},channel.postMessage({ask:!0});let leave=()=>quiet.abort();signal.addEventListener(
"abort",leave);for(let left=SILENCE_MS;left>0&&!quiet.signal.aborted;)await this.network.sleep(left,
{signal:quiet.signal,fixed:!0}),left=lastMessageAt+SILENCE_MS-this.env.now();return signal.removeEventListener(
"abort",leave),!0}async#read(sort,path,sink,signal){let hidden=new AbortController,leave=()=>hidden.
abort();signal.addEventListener("abort",leave);let seen=this.env.now(),onBytes=()=>{this.network.hidden||
(seen=this.env.now()),this.env.now()-seen>=HIDDEN_MS&&leave(),sink.bytes?.()},how={lastId:sink.lastId,
signal:hidden.signal,onBytes,onEvent:sink.event},outcome=await readStream(this.http,path,how);return signal.
removeEventListener("abort",leave),outcome==="absent"&&this.absent.add(sort),outcome==="stalled"&&this.#remember(),
outcome==="ended"||outcome==="over"}#remember(){this.records.write("poll-until",String(this.env.now()+
BUFFERED_MS))}async#inSlot(run){for(let slot=0;slot<SLOTS;slot+=1){let done=await this.#locked(`slot\
:${slot}`,run);if(done!==null)return done}return!1}#locked(name,run){let guarded=lock=>lock?run():null;
return this.env.locks.request(this.records.prefix+name,{ifAvailable:!0},guarded)}};async function deliver(client,handle,body,options){let key=handle.key,headers={"Idempotency-Key":key};
for(let failures=0;;){if(client.closed)throw new LoresmithError("The client was closed");handle.set(
{connection:failures&&handle.state.connection==="uncertain"?"uncertain":"sending"});try{let{body:job}=await client.
http.send("POST","/jobs",{body,headers});return client.acknowledged(handle,job)}catch(error){if(!(error instanceof
LoresmithError))throw error;let confirmed=await confirm(error,body,options);confirmed?client.records.
rewrite(key,body=confirmed):await again(client,handle,error,failures+=1)}}}async function again(client,handle,error,failures){
let refused=error instanceof Refused?error:null;if(refused?.definite||refused&&!refused.uncertain&&handle.
cancelRequested)throw client.refused(handle,refused),refused;(!refused||refused.uncertain)&&handle.set(
{connection:"uncertain"}),error instanceof NoAnswer&&handle.set({since:handle.state.since??client.env.
now()});let wait=refused?.retryAfterMs??client.network.delay(failures),signal=client.closing.signal;
await client.network.sleep(wait,{fixed:refused?.retryAfterMs!==void 0,signal})}async function confirm(error,body,{
onConfirmCost}){if(!(error instanceof Refused&&error.code==="cost-confirmation-required")||!onConfirmCost)
return null;let{estimate,alternatives=[]}=error.problem,answer=await onConfirmCost(estimate,alternatives);
if(!answer)return null;let{change,cost}=answer===!0?{change:{},cost:estimate.cost}:answer,payload={...body.
payload,...Object(change.payload)},confirmed={...Object(change.options),confirm_cost:cost.max};return{
...body,payload,options:{...body.options,...confirmed}}}var RETRY_INTERVAL_MS=5e3,Feed=class{constructor(client){this.client=client,this.listeners=listeners(
client.env.warn),this.stop=null,this.lastId=void 0}subscribe(listener){let leave=this.listeners.add(
listener);return this.stop||this.#run(this.stop=new AbortController),()=>{leave(),!this.listeners.size&&
(this.stop?.abort(),this.stop=null)}}async#run({signal}){let{streams:streams2,network,closing}=this.
client,unclose=closing.add(()=>this.stop?.abort());for(;!signal.aborted&&!this.client.closed;)streams2.
allowed("feed")&&await streams2.share("feed","/events",this.#sink(),signal),await network.sleep(RETRY_INTERVAL_MS*
(network.hidden?3:1),{signal}),signal.aborted||this.listeners.notify(null);unclose()}#sink(){let event=(update,id)=>{
id&&(this.lastId=id),this.listeners.notify(update.type==="reset"?null:update)};return{lastId:this.lastId,
event}}};var MAX_TRIES=5,JobsClient=class{constructor(options={}){this.env=environment(options.env),this.pollInterval=
options.pollInterval??3e3,this.network=new Network(this.env,options.backoff),this.http=new Http(options,
this.env,this.network),this.records=new Records(this.env,options.namespace??"anyone",options.storage),
this.streams=new Streams(this.http,this.records,options.transport??"auto"),this.handles=new Map,this.
slots=new Map,this.feed=new Feed(this),this.recovering=null,this.closing=closingSignal()}get closed(){
return this.closing.signal.aborted}start(newJob,options={}){let slot=options.slot&&`${options.slot}:${fingerprint(
newJob)}`,same=slot&&this.slots.get(slot)||options.key&&this.handles.get(options.key);if(same&&!same.
over)return same;let body=requestBody(newJob,options),key=options.key??this.env.uuid();this.records.
save({key,type:body.type,sessionId:body.session_id,state:"sending",fingerprint:fingerprint(newJob),body,
t:this.env.now()});let handle=this.handle({key});return handle.quiet=options.follow===!1,slot&&this.
slots.set(slot,handle),this.send(handle,body,options),handle}submit(newJob,options){return this.start(
newJob,options).sent}watch(id,{interval}={}){let handle=this.handle({id});return interval&&(handle.interval=
interval),handle.follow(),handle}recover(which={}){return this.recovering??=recover(this,which).finally(
()=>this.recovering=null),this.recovering}async list(query={}){let pairs=Object.entries(query).flatMap(
([name,value])=>[value].flat().filter(one=>one!==void 0).map(one=>[name,String(one)]));return(await this.
http.send("GET",`/jobs?${new URLSearchParams(pairs)}`)).body}async estimate(newJob){return(await this.
http.send("POST","/jobs/estimate",{body:requestBody(newJob,{})})).body}close(){this.closing.abort(),
this.network.close()}handle({key,id}){let known=key&&this.handles.get(key)||id&&this.handles.get(id);
if(known)return known;let handle=new JobHandle(this,{key,id});return key&&this.handles.set(key,handle),
id&&this.handles.set(id,handle),handle}send(handle,body,options){handle.sent=deliver(this,handle,body,
options).then(()=>handle),handle.sent.catch(()=>{})}acknowledged(handle,job){this.records.acknowledge(
handle.key,job.id),this.handles.set(job.id,handle),handle.resume(),handle.accept(job),handle.quiet||
handle.follow(),handle.cancelRequested&&handle.cancel().catch(error=>this.env.warn(String(error)))}refused(handle,error){
this.records.remove(handle.key),handle.lost(error)}dropUnsent(handle){let intent=handle.key&&this.records.
find(handle.key);return intent&&this.records.save({...intent,cancel:!0}),handle.sent.then(()=>{},()=>{})}async sendWithRetries(method,path,sent){
for(let failures=1;;failures+=1)try{return await this.http.send(method,path,sent)}catch(error){if(!(error instanceof
NoAnswer||error instanceof Refused&&!error.definite)||failures===MAX_TRIES||this.closed)throw error;
let wait=error instanceof Refused?error.retryAfterMs:void 0;await this.network.sleep(wait??this.network.
delay(failures),{fixed:wait!==void 0})}}finished(handle,announced){for(let[slot,other]of this.slots)
other===handle&&this.slots.delete(slot);announced&&this.markSeen(handle)}markSeen(handle){let intent=handle.
key&&this.records.find(handle.key);if(handle.key&&this.records.remove(handle.key),!handle.id||!(intent||
handle.state.recovered)||handle.state.connection!=="terminal")return;let{recovered,pausedMs}=handle.
state,body={recovered,paused_ms:Math.round(pausedMs)},path=`/jobs/${encodeURIComponent(handle.id)}/s\
een`;this.http.send("POST",path,{body}).catch(error=>{if(!(error instanceof LoresmithError))throw error})}forget(handle){
for(let name of[handle.key,handle.id])name&&this.handles.delete(name);for(let[slot,other]of this.slots)
other===handle&&this.slots.delete(slot)}};function requestBody({input,payload=input,...rest},{sessionId,
maxCost}){let body={...rest,payload};return sessionId&&(body.session_id=sessionId),maxCost!==void 0&&
(body.options={...body.options,max_cost:maxCost}),body}function closingSignal(){let controller=new AbortController;
return{signal:controller.signal,abort:()=>controller.abort(),add(run){return controller.signal.addEventListener(
"abort",run),()=>controller.signal.removeEventListener("abort",run)}}}var createJobsClient=options=>new JobsClient(options);export{JobCancelled,JobEnded,JobExpired,JobFailed,JobHandle,JobsClient,LoresmithError,NoAnswer,Refused,
Unsure,createJobsClient,isTerminal};
