// Made from page/main.js by `make bundle`. Do not edit.
var n,t,r,u,i,f,o,e,l,c,a,s,h=Symbol.for("pv"),p={},y=[],v=/^m(i|n|o|s|text|space)$/,w=Array.isArray,
d=y.slice,_=Object.assign;function g(n3){n3&&n3.parentNode&&n3.remove()}function k(n3,t4,r3){var u3,
i3,f3,o3={},e3=arguments.length;for(f3 in t4)f3=="key"?u3=t4[f3]:f3=="ref"&&typeof n3!="function"?i3=
t4[f3]:o3[f3]=t4[f3];return e3>2&&(o3.children=e3>3?d.call(arguments,2):r3),m(n3,o3,u3,i3,null)}function m(r3,u3,i3,f3,o3){var e3={type:r3,props:u3,key:i3,ref:f3,__k:null,__:null,__b:0,__e:null,__c:null,
constructor:h,__v:o3||++t,__i:-1,__u:0};return!o3&&n.vnode&&n.vnode(e3),e3}function $(n3){return n3.children}function x(n3,t4){this.props=n3,this.context=t4,this.__g=0}function S(n3,t4){
if(t4==null)return n3.__&&S(n3.__,n3.__i+1);for(var r3;t4<n3.__k.length;t4++)if((r3=n3.__k[t4])&&r3.
__e)return r3.__e;return typeof n3.type!="function"||n3.props.__P?null:S(n3)}function C(t4){var r3,u3=t4.
__v,i3=u3.__e,f3=[],o3=[],e3=t4.__P;e3&&((r3=_({constructor:h},u3)).__v=u3.__v+1,n.vnode&&n.vnode(r3),
z(e3,r3,u3,t4.__n,e3.namespaceURI,32&u3.__u?[i3]:null,f3,i3||S(u3),32&u3.__u,o3),r3.__v=u3.__v,r3.__.
__k[r3.__i]=r3,E(f3,r3,o3),u3.__=u3.__e=null,r3.__e!=i3&&j(r3))}function j(n3){if((n3=n3.__)&&n3.__c&&
!n3.props.__P)return n3.__e=null,n3.__k.some(function(t4){return t4&&(n3.__e=t4.__e)}),j(n3)}function L(t4){
(8&t4.__g||(t4.__g|=8,u.push(t4),f++))&&i==n.debounceRendering||((i=n.debounceRendering)||queueMicrotask)(
H)}function H(){try{for(var n3,t4=1;u.length;)u.length>t4&&u.sort(o),n3=u.shift(),t4=u.length,8&n3.__g&&
C(n3)}finally{(f=u.length)&&(i||queueMicrotask)(H)}}function I(n3,t4,r3,u3,i3,f3,o3,e3,l3,c3,a3){var s3,
h3,v3,w3,d3,_3,g3=u3.__k||y,k3=t4.length;for(l3=q(r3,t4,g3,l3,k3),s3=0;s3<k3;s3++)(v3=r3.__k[s3])!=null&&
(h3=~v3.__i&&g3[v3.__i]||p,v3.__i=s3,_3=z(n3,v3,h3,i3,f3,o3,e3,l3,c3,a3),w3=v3.__e,(h3.ref!=v3.ref||
8&h3.__u)&&(h3.ref&&G(h3.ref,null,v3,h3),v3.ref&&a3.push(v3.ref,v3.__c||w3,v3)),d3=d3||w3,4&v3.__u?(l3=
A(v3,l3,n3,!h3.__v),h3.__e&&(h3.__e=null)):typeof v3.type=="function"&&_3!==void 0?l3=_3:w3&&(l3=w3.
nextSibling),v3.__u&=-21);return r3.__e=d3,l3}function q(n3,t4,r3,u3,i3){var f3,o3,e3,l3,c3,a3,s3,p3,
y3,v3=r3.length,d3=v3,_3=0,g3=0,k3=n3.__k=Array(i3);for(f3=0;f3<i3;f3++)(o3=t4[f3])!=null&&typeof o3!=
"boolean"&&typeof o3!="function"?(typeof o3!="object"||o3.constructor===String?o3=k3[f3]=m(null,o3):
w(o3)?o3=k3[f3]=m($,{children:o3}):o3.constructor===h&&o3.__b?o3=k3[f3]=m(o3.type,o3.props,o3.key,o3.
ref,o3.__v):k3[f3]=o3,l3=f3+_3,o3.__=n3,o3.__b=n3.__b+1,e3=null,~(c3=o3.__i=P(o3,r3,l3,d3))&&(d3--,(e3=
r3[c3])&&(e3.__u|=2)),e3&&e3.__v?(o3.__u|=16,c3==l3-1?_3--:c3==l3+1?_3++:c3!=l3&&(c3>l3?_3--:_3++,g3=
1)):(~c3||(i3>v3?_3--:i3<v3&&_3++),typeof o3.type!="function"&&(o3.__u|=4))):k3[f3]=null;if(g3){for(a3=
[],s3=[],f3=0;f3<i3;f3++)if((o3=k3[f3])&&16&o3.__u){for(_3=0,p3=a3.length;_3<p3;)a3[y3=_3+p3>>1]<o3.
__i?_3=y3+1:p3=y3;a3[_3]=o3.__i,s3[f3]=_3+1}for(_3=a3.length;f3--;)s3[f3]&&(s3[f3]==_3?_3--:k3[f3].__u|=
4)}if(d3)for(f3=0;f3<v3;f3++)!(e3=r3[f3])||2&e3.__u||(e3.__e==u3&&(u3=S(e3)),J(e3,e3));return u3}function A(n3,t4,r3,u3){
var i3,f3,o3,e3;if(typeof n3.type=="function"){if(n3.props.__P)return t4;if(i3=n3.__k)for(f3=0;f3<i3.
length;f3++)i3[f3]&&(i3[f3].__=n3,t4=A(i3[f3],t4,r3,!1));return t4}for(t4&&!t4.parentNode&&(t4=S(n3))&&
!t4.parentNode&&(t4=null),o3=n3.__e,e3=t4;e3&&e3.nodeType==8;)e3=e3.nextSibling;for(o3!=e3&&(!u3&&r3.
moveBefore&&o3.parentNode?r3.moveBefore(o3,t4):r3.insertBefore(o3,t4||null)),t4=o3;(t4=t4&&t4.nextSibling)&&
t4.nodeType==8&&!t4.data.startsWith("$s"););return t4}function P(n3,t4,r3,u3){var i3,f3=n3.key,o3=n3.type,e3=t4[r3],l3=e3&&!(2&e3.__u);if(e3===null&&f3==null||
l3&&f3==e3.key&&o3==e3.type)return r3;if(u3>(l3?1:0)){for(i3=r3-1;i3>=0;i3--)if((e3=t4[i3])&&!(2&e3.
__u)&&f3==e3.key&&o3==e3.type)return i3;for(i3=r3+1;i3<t4.length;i3++)if((e3=t4[i3])&&!(2&e3.__u)&&f3==
e3.key&&o3==e3.type)return i3}return-1}function T(n3,t4,r3){r3==null&&(r3=""),t4[0]=="-"?n3.setProperty(
t4,r3):n3[t4]=r3}function N(n3,t4,r3,u3,i3){var f3,o3;if(t4=="style")if(typeof r3=="string")n3.style.
cssText=r3;else{if(typeof u3=="string"&&(n3.style.cssText=u3=""),u3)for(t4 in u3)r3&&t4 in r3||T(n3.
style,t4);if(r3)for(t4 in r3)u3&&r3[t4]==u3[t4]||T(n3.style,t4,r3[t4])}else if(t4[0]=="o"&&t4[1]=="n")
typeof r3!="function"&&(r3=null),typeof u3!="function"&&(u3=null),(n3.__e||(n3.__e={}))[t4]=r3,r3&&u3||
(o3=a[t4]||(a[t4]=V(t4)),(n3.__a||(n3.__a={}))[t4]=c,f3=t4!=(t4=t4.replace(l,"$1")),(t4=t4.slice(2))[0]<
"a"&&(t4=t4.toLowerCase()),r3?n3.addEventListener(t4,o3,f3):n3.removeEventListener(t4,o3,f3));else{if(i3==
"http://www.w3.org/2000/svg")t4=t4.replace(/xlink(H|:h)/,"h").replace(/sName$/,"s");else if(t4!="wid\
th"&&t4!="height"&&t4!="href"&&t4!="list"&&t4!="form"&&t4!="tabIndex"&&t4!="download"&&t4!="rowSpan"&&
t4!="colSpan"&&t4!="role"&&t4!="popover"&&t4 in n3)try{return void(n3[t4]=r3??"")}catch{}if(typeof r3==
"function")return;r3==null||r3===!1&&t4[4]!="-"?n3.removeAttribute(t4):n3.setAttribute(t4,t4=="popov\
er"&&r3==1?"":r3)}}function V(t4){return function(r3){var u3=this.__e;if(u3){if(u3=u3[t4],r3[e]==null)
r3[e]=c++;else if(r3[e]<this.__a[t4])return;return u3(n.event?n.event(r3):r3)}}}function z(t4,r3,u3,i3,f3,o3,e3,l3,c3,a3){
var s3,p3,v3,d3,k3,b,m3,M,C3,j2,L2,H2,q2,A3,O,P2,T3,N2,V2=r3.type;if(r3.constructor!==h)return null;
128&u3.__u&&(c3=32&u3.__u,s3=u3.__c.__z)&&(r3.__u|=c3,p3=o3=[],s3.nodeType==8?l3=B(s3,o3):o3.push(s3),
l3=o3[0]||l3),(s3=n.__b)&&s3(r3);n:if(typeof V2=="function"){v3=e3.length;try{if(M=r3.props,C3=(s3=V2.
prototype)&&s3.render,j2=(s3=V2.contextType)&&i3[s3.__c],L2=s3?j2?j2.props.value:s3.__:i3,(d3=u3.__c)?
(r3.__c=d3,2&d3.__g&&(d3.__g|=1)):(C3?r3.__c=d3=new V2(M,L2):(r3.__c=d3=new x(M,L2),d3.constructor=V2,
d3.render=K),j2&&j2.sub(d3),d3.state||(d3.state={}),d3.__n=i3,d3.__g|=8,d3.__h=[],d3.__k=[]),C3&&(d3.
__s||(d3.__s=d3.state),V2.getDerivedStateFromProps&&(d3.__s==d3.state&&(d3.__s=_({},d3.__s)),_(d3.__s,
V2.getDerivedStateFromProps(M,d3.__s)))),k3=d3.props,b=d3.state,d3.__v=r3,u3.__c){if(M!==k3&&C3&&!V2.
getDerivedStateFromProps&&d3.componentWillReceiveProps&&d3.componentWillReceiveProps(M,L2),r3.__v==u3.
__v&&!(8&d3.__g)||!(4&d3.__g)&&d3.shouldComponentUpdate&&d3.shouldComponentUpdate(M,d3.__s,L2)===!1){
r3.__v!=u3.__v&&(d3.props=M,d3.state=d3.__s,d3.__g&=-9),r3.__e=u3.__e,r3.__k=u3.__k,r3.__k.some(function(n3){
n3&&(n3.__=r3)}),y.push.apply(d3.__h,d3.__k),d3.__k=[],d3.__h.length&&e3.push(d3),l3=S(u3);break n}d3.
componentWillUpdate&&d3.componentWillUpdate(M,d3.__s,L2),C3&&d3.componentDidUpdate&&d3.__h.push(function(){
d3.componentDidUpdate(k3,b,m3)})}else C3&&!V2.getDerivedStateFromProps&&d3.componentWillMount&&d3.componentWillMount(),
C3&&d3.componentDidMount&&d3.__h.push(d3.componentDidMount);d3.context=L2,d3.props=M,d3.__P=t4,d3.__g&=
-5,H2=n.__r,q2=C3?25:0;do d3.__g&=-9,H2&&H2(r3),s3=d3.render(d3.props,d3.state=d3.__s,d3.context);while(8&
d3.__g&&++q2<25);C3&&(y.push.apply(d3.__h,d3.__k),d3.__k=[]),d3.state=d3.__s,d3.getChildContext&&(i3=
_({},i3,d3.getChildContext())),C3&&u3.__c&&d3.getSnapshotBeforeUpdate&&(m3=d3.getSnapshotBeforeUpdate(
k3,b)),A3=s3&&s3.type===$&&s3.key==null?s3.props.children:s3,M.__P&&(s3=l3,f3=(t4=M.__P).namespaceURI,
c3=o3=null,u3.props&&u3.props.__P!=t4&&(u3.__k.some(function(n3){n3&&J(n3,n3)}),u3.__k=null),l3=u3.__k?
S(u3,0):null),l3=I(t4,w(A3)?A3:[A3],r3,u3,i3,f3,o3,e3,l3,c3,a3),M.__P&&(r3.__e=null,l3=s3),r3.__u&=-161,
p3&&p3.some(g),d3.__h.length&&e3.push(d3),1&d3.__g&&(d3.__g&=-4)}catch(t5){if(e3.length=v3,r3.__v=null,
c3||o3)if(t5&&t5.then){if(r3.__u|=128|c3,o3){for(~(T3=o3.indexOf(l3||void 0))||(T3=o3.length);(N2=o3[T3-
1])&&N2.nodeType==8;)T3--;for(;T3<o3.length;T3++)if(N2=o3[T3])if(o3[T3]=null,O){if(N2==P2)break}else{
if(N2.nodeType!=8)break;N2.data.startsWith("$s")&&(P2=B(O=N2))}}if(!O){for(;l3&&l3.nodeType==8&&l3.nextSibling;)
l3=l3.nextSibling;O=l3}(s3=B(O=r3.__c.__z||(r3.__c.__z=O)))?(r3.__e=O,l3=s3):r3.__e=l3,l3=l3&&l3.nextSibling}else
o3&&o3.some(g);else r3.__e=u3.__e;r3.__k||(r3.__k=u3.__k||[]),t5&&t5.then||D(r3),n.__e(t5,r3,u3)}}else
l3=r3.__e=F(u3.__e,r3,u3,i3,f3,o3,e3,c3,a3,t4);return(s3=n.diffed)&&s3(r3),l3}function B(n3,t4){if(n3&&
n3.nodeType==8&&n3.data.startsWith("$s"))for(var r3=1;n3=n3.nextSibling;){if(n3.nodeType==8){if(n3.data.
startsWith("$s"))r3++;else if(n3.data.startsWith("/$s")&&!--r3)return n3}t4&&t4.push(n3)}}function D(n3){
n3&&(n3.__c&&(n3.__c.__g|=4),n3.__k&&n3.__k.some(D))}function E(t4,r3,u3){for(var i3=0;i3<u3.length;)
G(u3[i3++],u3[i3++],u3[i3++]);n.__c&&n.__c(r3,t4),t4.some(function(r4){try{t4=r4.__h,r4.__h=[],t4.some(
function(n3){n3.call(r4)})}catch(t5){n.__e(t5,r4.__v)}})}function F(t4,r3,u3,i3,f3,o3,e3,l3,c3,a3){var s3,
h3,y3,_3,k3,b,m3,M,$2=u3.props||p,x2=r3.props,C3=r3.type;if(C3=="svg"?f3="http://www.w3.org/2000/svg":
C3=="math"?f3="http://www.w3.org/1998/Math/MathML":f3||(f3="http://www.w3.org/1999/xhtml"),o3){for(s3=
0;s3<o3.length;s3++)if((k3=o3[s3])&&(C3?k3.localName==C3:k3.nodeType==3)){t4=k3,o3[s3]=null;break}}if(!t4){
if(M=a3.ownerDocument||document,!C3)return M.createTextNode(x2);t4=M.createElementNS(f3,C3,x2.is?x2:
a3),l3&&(n.__m&&n.__m(r3,o3),l3=!1),o3=null}if(C3){if(a3=C3=="template"&&t4.content||t4,o3=C3=="text\
area"&&x2.defaultValue!=null?null:o3&&d.call(a3.childNodes),!l3&&o3)for($2={},s3=0;s3<t4.attributes.
length;s3++)$2[(k3=t4.attributes[s3]).name]=k3.value;for(s3 in $2)k3=$2[s3],s3=="dangerouslySetInner\
HTML"?y3=k3:s3=="children"||s3 in x2||s3=="value"&&"defaultValue"in x2||s3=="checked"&&"defaultCheck\
ed"in x2||N(t4,s3,null,k3,f3);for(s3 in x2)k3=x2[s3],s3=="children"?_3=k3:s3=="dangerouslySetInnerHT\
ML"?h3=k3:s3=="value"?b=k3:s3=="checked"?m3=k3:l3&&typeof k3!="function"||$2[s3]===k3||N(t4,s3,k3,$2[s3],
f3);h3?(l3||y3&&(h3.__html==y3.__html||h3.__html==t4.innerHTML)||(t4.innerHTML=h3.__html),r3.__k=[]):
(y3&&(t4.textContent=""),(C3=="foreignObject"||f3=="http://www.w3.org/1998/Math/MathML"&&v.test(C3))&&
(f3="http://www.w3.org/1999/xhtml"),I(a3,w(_3)?_3:[_3],r3,u3,i3,f3,o3,e3,o3?o3[0]:u3.__k&&S(u3,0),l3,
c3),o3&&o3.some(g)),l3&&C3!="textarea"||(s3="value",C3=="progress"&&b==null?t4.removeAttribute(s3):b==
null||b===t4[s3]&&(C3!="progress"||b)||N(t4,s3,b,$2[s3],f3),s3="checked",m3!=null&&m3!=t4[s3]&&N(t4,
s3,m3,$2[s3],f3))}else $2===x2||l3&&t4.data==x2||(t4.data=x2);return t4}function G(t4,r3,u3,i3){try{
typeof t4=="function"?r3?r3.__x=t4(r3)||1:i3&&(i3=i3.__c||i3.__e)&&(r3=i3.__x)&&(i3.__x=null,typeof r3==
"function"?r3():t4(null)):t4.current=r3}catch(t5){n.__e(t5,u3)}}function J(t4,r3,u3){var i3,f3,o3,e3;
if(n.unmount&&n.unmount(t4),!(i3=t4.ref)||i3.current&&i3.current!=t4.__e||G(i3,null,r3,t4),i3=t4.__c){
if(i3.componentWillUnmount)try{i3.componentWillUnmount()}catch(t5){n.__e(t5,r3)}i3.__P=i3.__n=null}if(i3=
t4.__k)for(e3=0;e3<i3.length;e3++)i3[e3]&&J(i3[e3],r3,typeof t4.type!="function"||u3&&!t4.props.__P);
!u3&&(i3=t4.__c)&&(i3=i3.__z)&&(f3=B(i3,o3=[]))&&(i3==t4.__e&&o3.some(g),g(f3),g(i3)),u3||g(t4.__e),
t4.__e=t4.__c=t4.__=null}function K(n3,t4,r3){return this.constructor(n3,r3)}function Q(t4,r3){var u3,
i3,f3,o3;n.__&&n.__(t4,r3),r3.nodeType==9&&(r3=r3.documentElement),i3=(u3=t4&&32&t4.__u)?null:r3.__k,
r3.__k=m($,{children:[t4]}),f3=[],o3=[],z(r3,r3.__k,i3||p,p,r3.namespaceURI,i3?null:r3.firstChild?d.
call(r3.childNodes):null,f3,i3?i3.__e:r3.firstChild,u3,o3),E(f3,r3.__k,o3),r3.__k.props.children=null}n={__e:function(n3,t4,r3,u3){for(var i3,o3,e3;t4=t4.__;)if((i3=t4.__c)&&!(1&i3.__g)){i3.__g|=4;try{if((e3=
(o3=i3.constructor)&&o3.getDerivedStateFromError)&&i3.setState(o3.getDerivedStateFromError(n3)),i3.componentDidCatch&&
(i3.componentDidCatch(n3,u3||{}),e3=1),e3&&8&i3.__g)return void(i3.__g|=2)}catch(t5){n3=t5}}throw f=
0,n3}},t=0,r=function(n3){return n3!=null&&n3.constructor===h},x.prototype.setState=function(n3,t4){
var r3=this.__s;r3&&r3!=this.state||(r3=this.__s=_({},this.state)),typeof n3=="function"&&(n3=n3(_({},
r3),this.props)),n3&&(_(r3,n3),this.__v&&(t4&&this.__k.push(t4),L(this)))},x.prototype.forceUpdate=function(n3){
this.__v&&(this.__g|=4,n3&&this.__h.push(n3),L(this))},x.prototype.render=$,u=[],f=0,o=function(n3,t4){
return n3.__v.__b-t4.__v.__b},e=Symbol(),l=/(PointerCapture)$|Capture$/i,c=0,a={},s=0;var t2,r2,u2,i2,o2=Object.is,f2=0,c2=[],e2=[],a2=n,v2=a2.__b,l2=a2.__r,m2=a2.diffed,h2=a2.__c,s2=a2.
unmount,p2=a2.__;function y2(n3,t4){a2.__h&&a2.__h(r2,n3,f2||t4),f2=0;var u3=r2.__H||(r2.__H={__:[],
__h:[]});return n3>=u3.__.length&&u3.__.push({}),u3.__[n3]}function d2(n3){return f2=1,_2(G2,n3)}function _2(n3,u3,i3){
var f3=y2(t2++,2);if(f3.t=n3,!f3.__c&&(f3.__=[i3?i3(u3):G2(void 0,u3),function(n4){var t4=(f3.__N||f3.
__)[0],r3=f3.t(t4,n4);o2(t4,r3)||(f3.__N=[r3,f3.__[1]],f3.__c.setState({}))}],f3.__c=r2,!r2.__f)){r2.
__f=!0;var c3=r2.shouldComponentUpdate;r2.shouldComponentUpdate=function(n4,t4,r3){var u4=this.__H;if(!u4)
return!0;var i4=!1,f4=this.props!=n4;if(u4.__.some(function(n5){n5.__N&&(i4=!0,o2(n5.__[0],n5.__N[0])||
(f4=!0))}),c3){var e3=c3.call(this,n4,t4,r3);return i4?e3||f4:e3}return!i4||f4}}return f3.__}function A2(n3,u3){
var i3=y2(t2++,3);!a2.__s&&E2(i3.__H,u3)&&(i3.__P=!0,i3.__=n3,i3.u=u3,r2.__H.__h.push(i3))}function F2(n3,u3){
var i3=y2(t2++,4);!a2.__s&&E2(i3.__H,u3)&&(i3.__P=!1,i3.__=n3,i3.u=u3,r2.__h.push(i3))}function T2(n3){
return f2=5,w2(function(){return{current:n3}},[])}function w2(n3,r3){var u3=y2(t2++,7);return E2(u3.__H,r3)&&(u3.__=n3(),u3.__H=r3),u3.__}function g2(){var n3;do{for(;n3=e2.shift();)try{C2(n3)}catch(t5){a2.__e(t5,{__:(n3=n3.__P)&&n3.__v})}
for(;n3=c2.shift();){var t4=n3.__H;if(n3.__P&&t4)try{t4.__h.some(C2),t4.__h.some(D2),t4.__h=[]}catch(r3){
t4.__h=[],a2.__e(r3,n3.__v)}}}while(e2.length)}a2.__b=function(n3){r2=null,v2&&v2(n3)},a2.__=function(n3,t4){
n3&&t4.__k&&t4.__k.__m&&(n3.__m=t4.__k.__m),p2&&p2(n3,t4)},a2.__r=function(n3){l2&&l2(n3),t2=0;var i3=(r2=
n3.__c).__H;i3&&(u2==r2?r2.__h=[]:(i3.__h.some(C2),i3.__h.some(D2),t2=0),i3.__h=[],i3.__.some(function(n4){
n4.__N&&(n4.__=n4.__N),n4.u=n4.__N=void 0})),u2=r2},a2.diffed=function(n3){m2&&m2(n3);var t4=n3.__c;
t4&&t4.__H&&(t4.__H.__h.length&&B2(c2.push(t4)),t4.__H.__.some(function(n4){n4.u&&(n4.__H=n4.u)})),u2=
r2=null},a2.__c=function(n3,t4){t4.some(function(n4){try{n4.__h.some(C2),n4.__h=n4.__h.filter(function(n5){
return!n5.__||D2(n5)})}catch(t5){n4.__h=[function(){throw t5}]}}),h2&&h2(n3,t4)},a2.unmount=function(n3){
s2&&s2(n3);var t4,r3,u3=n3.__c;u3&&u3.__H&&(u3.__H.__.some(function(u4){try{if(u4.__P&&u4.__c){if(r3===
void 0){for(r3=n3.__;r3&&(!r3.__c||!r3.__c.__P);)r3=r3.__;r3=r3&&r3.__c}u4.__P=r3,B2(e2.push(u4))}else
C2(u4)}catch(n4){t4=n4}}),u3.__H=void 0,t4&&a2.__e(t4,u3.__v))};var k2=typeof requestAnimationFrame==
"function";function z2(n3){var t4,r3=function(){clearTimeout(u3),k2&&cancelAnimationFrame(t4),setTimeout(
n3)},u3=setTimeout(r3,35);k2&&(t4=requestAnimationFrame(r3))}function B2(n3){n3!=1&&i2==a2.requestAnimationFrame||
((i2=a2.requestAnimationFrame)||z2)(g2)}function C2(n3){var t4=r2,u3=n3.__c;typeof u3=="function"&&(n3.
__c=void 0,u3()),r2=t4}function D2(n3){var t4=r2;n3.__c=n3.__(),r2=t4}function E2(n3,t4){return!n3||
n3.length!=t4.length||t4.some(function(t5,r3){return!o2(t5,n3[r3])})}function G2(n3,t4){return typeof t4==
"function"?t4(n3):t4}var n2=function(t4,s3,r3,e3){var u3;s3[0]=0;for(var h3=1;h3<s3.length;h3++){var p3=s3[h3++],a3=s3[h3]?
(s3[0]|=p3?1:2,r3[s3[h3++]]):s3[++h3];p3===3?e3[0]=a3:p3===4?e3[1]=Object.assign(e3[1]||{},a3):p3===
5?(e3[1]=e3[1]||{})[s3[++h3]]=a3:p3===6?e3[1][s3[++h3]]+=a3+"":p3?(u3=t4.apply(a3,n2(t4,a3,r3,["",null])),
e3.push(u3),a3[0]?s3[0]|=2:(s3[h3-2]=0,s3[h3]=u3)):e3.push(a3)}return e3},t3=new Map;function htm_default(s3){
var r3=t3.get(this);return r3||(r3=new Map,t3.set(this,r3)),(r3=n2(this,r3.get(s3)||(r3.set(s3,r3=(function(n3){
for(var t4,s4,r4=1,e3="",u3="",h3=[0],p3=function(n4){r4===1&&(n4||(e3=e3.replace(/^\s*\n\s*|\s*\n\s*$/g,
"")))?h3.push(0,n4,e3):r4===3&&(n4||e3)?(h3.push(3,n4,e3),r4=2):r4===2&&e3==="..."&&n4?h3.push(4,n4,
0):r4===2&&e3&&!n4?h3.push(5,0,!0,e3):r4>=5&&((e3||!n4&&r4===5)&&(h3.push(r4,0,e3,s4),r4=6),n4&&(h3.
push(r4,n4,0,s4),r4=6)),e3=""},a3=0;a3<n3.length;a3++){a3&&(r4===1&&p3(),p3(a3));for(var l3=0;l3<n3[a3].
length;l3++)t4=n3[a3][l3],r4===1?t4==="<"?(p3(),h3=[h3],r4=3):e3+=t4:r4===4?e3==="--"&&t4===">"?(r4=
1,e3=""):e3=t4+e3[0]:u3?t4===u3?u3="":e3+=t4:t4==='"'||t4==="'"?u3=t4:t4===">"?(p3(),r4=1):r4&&(t4===
"="?(r4=5,s4=e3,e3=""):t4==="/"&&(r4<5||n3[a3][l3+1]===">")?(p3(),r4===3&&(h3=h3[0]),r4=h3,(h3=h3[0]).
push(2,0,r4),r4=0):t4===" "||t4==="	"||t4===`
`||t4==="\r"?(p3(),r4=2):e3+=t4),r4===3&&e3==="!--"&&(r4=4,h3=h3[0])}return p3(),h3})(s3)),r3),arguments,
[])).length>1?r3:r3[0]}var html=htm_default.bind(k);function useStore(store2){let[,render]=d2({});return A2(()=>store2.subscribe(()=>render({})),[store2]),
store2.get()}function usePolled(load2,ms){let[answer,setAnswer]=d2(void 0);return A2(()=>{let left=!1,
poll=async()=>{let next=await load2().catch(()=>{});!left&&next!==void 0&&setAnswer(()=>next)};poll();
let timer=setInterval(()=>document.hidden||poll(),ms);return()=>(left=!0,clearInterval(timer))},[]),
answer}function useNow(ms,on=!0){let[now,setNow]=d2(Date.now());return A2(()=>{if(!on)return;setNow(
Date.now());let timer=setInterval(()=>setNow(Date.now()),ms);return()=>clearInterval(timer)},[ms,on]),
now}function environment(overrides={}){let g3=globalThis;return{fetch:(...args)=>g3.fetch(...args),now:()=>Date.
now(),setTimeout:(run,ms)=>g3.setTimeout(run,ms),clearTimeout:timer=>g3.clearTimeout(timer),random:Math.
random,uuid,window:g3.window,document:g3.document,navigator:g3.navigator,locks:g3.navigator?.locks,Channel:g3.
BroadcastChannel,storage:()=>g3.localStorage,warn:text2=>g3.console.warn(`loresmith: ${text2}`),...overrides}}
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
typeof shown!="object")return;let{text:text2,items}=this.value,next={text:shown.text??text2,items:Array.
isArray(shown.items)?shown.items:items};this.value={text:next.text.length>=text2.length?next.text:text2,
items:next.items.length>=items.length?next.items:items}}clear(){this.value={text:"",items:[]},this.step=
void 0}#delta({text:delta="",offset,step}){step!==void 0&&step!==this.step&&(this.step!==void 0&&(this.
value={...this.value,text:""}),this.step=step);let{text:text2}=this.value,at=offset===void 0?text2.length:
units(text2,offset);return at<0?!1:(text2.startsWith(delta,at)||(this.value={...this.value,text:text2.
slice(0,at)+delta}),!0)}#item({index,item}){let items=[...this.value.items];items[index??items.length]=
item,this.value={...this.value,items}}};function units(text2,offset){let at=0;for(let count2=0;count2<
offset;count2+=1){if(at>=text2.length)return-1;at+=text2.codePointAt(at)>65535?2:1}return at}var HIDDEN_SLOWER=3,Watch=class{constructor(handle,client2){this.handle=handle,this.client=client2,this.
network=client2.network,this.stop=new AbortController,this.failures=0,this.retryAfterMs=void 0,this.
looking=null,this.fixed=!1,this.holeAt=-1/0,this.path=`/jobs/${encodeURIComponent(handle.id)}`}async run(){
let unwake=this.network.wakes.add(()=>void(this.fixed||this.look())),unclose=this.client.closing.add(
()=>this.stop.abort());for(;!this.stop.signal.aborted;)await this.look(),this.stop.signal.aborted||await this.#listen();
unwake(),unclose()}look(){return this.looking??=this.#look().finally(()=>this.looking=null),this.looking}async#look(){
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
TERMINAL.includes(job.status),JobHandle=class{constructor(client2,{key,id}){this.client=client2,this.
key=key??null,this.id=id??null,this.partial=new Partial,this.changes=listeners(client2.env.warn),this.
updates=listeners(client2.env.warn),this.finishes=listeners(client2.env.warn),this.interval=void 0,this.
lastId=void 0,this.seq=-1,this.etag=null,this.announced="",this.cancelRequested=!1,this.quiet=!1,this.
watch=null,this.state={id:this.id,key:this.key,job:null,connection:id?"watching":"sending",since:null,
pausedMs:0,recovered:!1,partial:this.partial.value,error:null},this.sent=Promise.resolve(this)}snapshot=()=>this.
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
module??"")?.[1]??""}var Http=class{constructor({baseUrl=servedUnder(import.meta.url),token,requestTimeout=1e4},env,network2){
this.baseUrl=baseUrl.replace(/\/$/,""),this.token=typeof token=="function"?token:()=>token??null,this.
timeoutMs=requestTimeout,this.env=env,this.network=network2}async send(method,path,{body,headers}={}){
let text2=body===void 0?void 0:JSON.stringify(body),abort=new AbortController,timer=this.env.setTimeout(
()=>abort.abort(),this.timeoutMs);try{let response=await this.open(method,path,{text:text2,headers,signal:abort.
signal}),answer=read(response,await response.text(),this.env.now());if(this.network.answered(),answer.
status<400)return answer;throw new Refused(answer.status,answer.body??{},answer.retryAfterMs)}catch(error){
throw error instanceof Refused||(this.network.unanswered(),error instanceof LoresmithError)?error:new NoAnswer(
`No answer to ${method} ${path}`)}finally{this.env.clearTimeout(timer)}}async open(method,path,sent){
let response=await this.#once(method,path,sent,!1);return response.status===401?this.#once(method,path,
sent,!0):response}async#once(method,path,{text:text2,headers,signal},refresh2){let token=await this.
token(refresh2);return this.env.fetch(this.baseUrl+path,{method,body:text2,signal,cache:"no-store",credentials:"\
same-origin",headers:{Accept:"application/json",...text2===void 0?{}:{"Content-Type":"application/js\
on"},...token?{Authorization:`Bearer ${token}`}:{},...headers}})}};function read(response,text2,now){
let{status,headers}=response;return{status,headers,body:text2?parsed(text2,status):void 0,retryAfterMs:retryAfter(
headers.get("Retry-After"),now)}}function parsed(text2,status){try{return JSON.parse(text2)}catch{if(status<
400)throw new NoAnswer("The answer was not JSON");return{}}}function retryAfter(value,now){if(!value?.
trim())return;let ms=/^\s*\d+(\.\d+)?\s*$/.test(value)?Number(value)*1e3:Date.parse(value)-now;return Number.
isNaN(ms)?void 0:Math.max(0,ms)}var WAKE_EVENTS=["online","offline","focus","pageshow"],LATE_MS=1e3,Network=class{constructor(env,backoff={
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
let intent=this.find(key);intent&&this.save({...intent,id,state:"watching",body:void 0})}find(key){let text2=this.
read(`intent:${key}`);try{return text2?JSON.parse(text2):null}catch{return null}}remove(key){this.memory.
delete(`intent:${key}`),this.#try(()=>this.storage?.removeItem(`${this.prefix}intent:${key}`))}all(){
let intents=this.#keys().map(key=>this.find(key)).filter(intent=>intent!==null),[current2,old]=[[],[]].
map(()=>[]);for(let intent of intents)(this.env.now()-intent.t<864e5?current2:old).push(intent);for(let intent of old)
this.remove(intent.key);return current2.sort((a3,b)=>a3.t-b.t)}read(name){return this.memory.get(name)??
this.#try(()=>this.storage?.getItem(this.prefix+name))??null}write(name,text2){this.memory.delete(name),
this.#try(()=>(this.storage?.setItem(this.prefix+name,text2),!!this.storage))||this.memory.set(name,
text2)}#keys(){let start2=`${this.prefix}intent:`,{storage}=this,stored=(this.#try(()=>Array.from({length:storage?.
length??0},(_3,i3)=>storage?.key(i3)))??[]).filter(name=>name?.startsWith(start2)),inMemory=[...this.
memory.keys()].filter(name=>name.startsWith("intent:")),all=[...stored.map(name=>String(name).slice(
start2.length)),...inMemory.map(name=>name.slice(7))];return[...new Set(all)]}#try(run){try{return run()}catch(error){
this.warned||this.env.warn(`no storage (${error}): jobs are forgotten on reload`),this.warned=!0;return}}};async function recover(client2,{sessionId}){let intents=client2.records.all(),own2=await Promise.all(
intents.map(intent=>resumeIntent(client2,intent))),listed2=sessionId?await ofSession(client2,sessionId):
[],handles=[...new Set([...own2,...listed2])].filter(handle=>handle.state.error===null),unsure=own2.
filter(handle=>handle.state.error instanceof Unsure);return client2.records.write("visited",String(client2.
env.now())),{resumed:handles.filter(handle=>!isTerminal(handle.state.job)),completedWhileAway:handles.
filter(handle=>isTerminal(handle.state.job)),unsure}}async function resumeIntent(client2,intent){let{
key,id,body,cancel:cancel2=!1}=intent,known=client2.handles.get(key);if(known)return known.id?looked(
known):known;let handle=client2.handle({key,id});return handle.cancelRequested=cancel2,handle.set({recovered:!0}),
id?await looked(handle):await settle(client2,handle,body),handle}async function looked(handle){return handle.
follow(),await handle.watch?.look(),handle}async function settle(client2,handle,body){let job=await byKey(
client2,handle.key);if(job)return client2.acknowledged(handle,job);if(body)return void client2.send(
handle,body,{});let error=new Unsure("It is unknown whether a job was accepted");handle.set({connection:"\
uncertain",error})}async function byKey(client2,key){let row=(await listed(client2,{idempotency_key:key})).
find(job=>job.idempotency_key===void 0||job.idempotency_key===key);return row&&whole(client2,row.id)}
async function whole(client2,id){try{return(await client2.http.send("GET",`/jobs/${encodeURIComponent(
id)}`)).body}catch(error){if(error instanceof LoresmithError)return;throw error}}async function ofSession(client2,sessionId){
let visited=Number(client2.records.read("visited")??0),since=visited?{completed_after:new Date(visited).
toISOString()}:null,active=await listed(client2,{status:"active",session_id:sessionId}),ended=since?
await listed(client2,{status:"terminal",session_id:sessionId,...since}):[];return Promise.all([...active,
...ended].map(async job=>{let handle=client2.handles.get(job.id)??client2.handle({id:job.id});return handle.
state.job||handle.set({recovered:!0}),looked(handle)}))}async function listed(client2,query){try{return(await client2.
list(query)).jobs??[]}catch(error){if(error instanceof Refused||error instanceof LoresmithError)return[];
throw error}}async function readStream(http,path,{lastId,signal,onBytes,onEvent}){let dog=watchdog(http,signal);try{
dog.feed(5e3);let headers={Accept:"text/event-stream",...lastId?{"Last-Event-ID":lastId}:{}},response=await http.
open("GET",path,{headers,signal:dog.signal});if(!streams(response)||!response.body)return await refusal(
response);let reader=response.body.getReader(),parse2=parser(onEvent),text2=new TextDecoder;for(;;){
let{done,value}=await reader.read();if(done)return"ended";dog.feed(2e4),http.network.answered(),onBytes?.(),
parse2(text2.decode(value,{stream:!0}))}}catch{return dog.expired?"stalled":"cut"}finally{dog.stop()}}
var streams=({status,headers})=>status===200&&!!headers.get("Content-Type")?.includes("text/event-st\
ream");async function refusal(response){return[204,401,403,410].includes(response.status)?"over":response.
status>=500||response.status===429?"cut":(await response.json().catch(()=>({}))).code==="job-not-fou\
nd"?"over":"absent"}function watchdog({env,network:network2},signal){let abort=new AbortController,leave=()=>abort.
abort();signal.addEventListener("abort",leave),signal.aborted&&leave();let timer,dog={signal:abort.signal,
expired:!1,feed(ms){env.clearTimeout(timer);let fed=env.now();timer=env.setTimeout(()=>{dog.expired=
!network2.late(fed,ms)&&network2.state.online,leave()},ms)},stop(){env.clearTimeout(timer),signal.removeEventListener(
"abort",leave),leave()}};return dog}function parser(onEvent){let rest="",data=[],id,line=text2=>{text2===
""?(data.length&&emit(data.join(`
`),id,onEvent),data=[]):text2.startsWith("data:")?data.push(text2.slice(5).replace(/^ /,"")):text2.startsWith(
"id:")&&(id=text2.slice(3).replace(/^ /,""))};return chunk=>{let lines=(rest+chunk).split(/\r\n|\n|\r(?!$)/);
rest=lines.pop(),lines.forEach(line)}}function emit(text2,id,onEvent){let update;try{update=JSON.parse(
text2)}catch{return}update&&typeof update=="object"&&onEvent(update,id)}var SLOTS=3,SILENCE_MS=2e4,HIDDEN_MS=6e4,BUFFERED_MS=10*6e4,Streams=class{constructor(http,records,transport){
this.http=http,this.env=http.env,this.network=http.network,this.records=records,this.transport=transport,
this.absent=new Set,this.tabs=!!(this.env.locks&&this.env.Channel)}allowed(sort){return this.transport===
"poll"||this.absent.has(sort)||this.network.hidden?!1:this.transport==="sse"?!0:this.env.now()<Number(
this.records.read("poll-until")??0)?!1:this.tabs||!this.env.document}async share(sort,path,sink,signal){
if(!this.tabs)return this.#read(sort,path,sink,signal);let channel=new this.env.Channel(this.records.
prefix+path);try{return await this.#locked(path,()=>this.#lead(sort,path,sink,channel,signal))??await this.#follow(
sink,channel,signal)}finally{channel.close()}}async#lead(sort,path,sink,channel,signal){channel.onmessage=
({data})=>{data.ask&&channel.postMessage({shown:sink.shared?.()})};let event=(update,id)=>{sink.event(
update,id),channel.postMessage({update,id})},relay={...sink,lastId:sink.lastId,event,bytes:()=>channel.
postMessage({alive:!0})},read4=()=>this.#read(sort,path,relay,signal),useful=sort==="feed"?await read4():
await this.#inSlot(read4);return channel.postMessage({over:!0}),useful}async#follow(sink,channel,signal){
let quiet=new AbortController,lastMessageAt=this.env.now();channel.onmessage=({data})=>{lastMessageAt=
this.env.now(),data.update&&sink.event(data.update,data.id),data.shown&&sink.adopt?.(data.shown),data.
over&&quiet.abort()},channel.postMessage({ask:!0});let leave=()=>quiet.abort();signal.addEventListener(
"abort",leave);for(let left=SILENCE_MS;left>0&&!quiet.signal.aborted;)await this.network.sleep(left,
{signal:quiet.signal,fixed:!0}),left=lastMessageAt+SILENCE_MS-this.env.now();return signal.removeEventListener(
"abort",leave),!0}async#read(sort,path,sink,signal){let hidden=new AbortController,leave=()=>hidden.
abort();signal.addEventListener("abort",leave);let seen=this.env.now(),onBytes=()=>{this.network.hidden||
(seen=this.env.now()),this.env.now()-seen>=HIDDEN_MS&&leave(),sink.bytes?.()},how={lastId:sink.lastId,
signal:hidden.signal,onBytes,onEvent:sink.event},outcome2=await readStream(this.http,path,how);return signal.
removeEventListener("abort",leave),outcome2==="absent"&&this.absent.add(sort),outcome2==="stalled"&&
this.#remember(),outcome2==="ended"||outcome2==="over"}#remember(){this.records.write("poll-until",String(
this.env.now()+BUFFERED_MS))}async#inSlot(run){for(let slot=0;slot<SLOTS;slot+=1){let done=await this.#locked(
`slot:${slot}`,run);if(done!==null)return done}return!1}#locked(name,run){let guarded=lock=>lock?run():
null;return this.env.locks.request(this.records.prefix+name,{ifAvailable:!0},guarded)}};async function deliver(client2,handle,body,options){let key=handle.key,headers={"Idempotency-Key":key};
for(let failures=0;;){if(client2.closed)throw new LoresmithError("The client was closed");handle.set(
{connection:failures&&handle.state.connection==="uncertain"?"uncertain":"sending"});try{let{body:job}=await client2.
http.send("POST","/jobs",{body,headers});return client2.acknowledged(handle,job)}catch(error){if(!(error instanceof
LoresmithError))throw error;let confirmed=await confirm(error,body,options);confirmed?client2.records.
rewrite(key,body=confirmed):await again(client2,handle,error,failures+=1)}}}async function again(client2,handle,error,failures){
let refused=error instanceof Refused?error:null;if(refused?.definite||refused&&!refused.uncertain&&handle.
cancelRequested)throw client2.refused(handle,refused),refused;(!refused||refused.uncertain)&&handle.
set({connection:"uncertain"}),error instanceof NoAnswer&&handle.set({since:handle.state.since??client2.
env.now()});let wait=refused?.retryAfterMs??client2.network.delay(failures),signal=client2.closing.signal;
await client2.network.sleep(wait,{fixed:refused?.retryAfterMs!==void 0,signal})}async function confirm(error,body,{
onConfirmCost}){if(!(error instanceof Refused&&error.code==="cost-confirmation-required")||!onConfirmCost)
return null;let{estimate:estimate2,alternatives=[]}=error.problem,answer=await onConfirmCost(estimate2,
alternatives);if(!answer)return null;let{change,cost}=answer===!0?{change:{},cost:estimate2.cost}:answer,
payload2={...body.payload,...Object(change.payload)},confirmed={...Object(change.options),confirm_cost:cost.
max};return{...body,payload:payload2,options:{...body.options,...confirmed}}}var RETRY_INTERVAL_MS=5e3,Feed=class{constructor(client2){this.client=client2,this.listeners=listeners(
client2.env.warn),this.stop=null,this.lastId=void 0}subscribe(listener){let leave=this.listeners.add(
listener);return this.stop||this.#run(this.stop=new AbortController),()=>{leave(),!this.listeners.size&&
(this.stop?.abort(),this.stop=null)}}async#run({signal}){let{streams:streams2,network:network2,closing}=this.
client,unclose=closing.add(()=>this.stop?.abort());for(;!signal.aborted&&!this.client.closed;)streams2.
allowed("feed")&&await streams2.share("feed","/events",this.#sink(),signal),await network2.sleep(RETRY_INTERVAL_MS*
(network2.hidden?3:1),{signal}),signal.aborted||this.listeners.notify(null);unclose()}#sink(){let event=(update,id)=>{
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
other===handle&&this.slots.delete(slot)}};function requestBody({input,payload:payload2=input,...rest},{
sessionId,maxCost}){let body={...rest,payload:payload2};return sessionId&&(body.session_id=sessionId),
maxCost!==void 0&&(body.options={...body.options,max_cost:maxCost}),body}function closingSignal(){let controller=new AbortController;
return{signal:controller.signal,abort:()=>controller.abort(),add(run){return controller.signal.addEventListener(
"abort",run),()=>controller.signal.removeEventListener("abort",run)}}}var createJobsClient=options=>new JobsClient(options);var unauthorizedListeners=new Set,client=createJobsClient({token(refresh2){if(refresh2)for(let listener of unauthorizedListeners)
listener();return null}});var address=path=>location.origin+client.http.baseUrl+path;async function request(path,{method="GET",
body}={}){return(await client.http.send(method,path,{body})).body}var jobPath=id=>`/jobs/${encodeURIComponent(
id)}`,jobTypes=async()=>(await request("/job-types")).job_types,stats=()=>request("/jobs/stats"),budgets=()=>request(
"/budgets"),usage=by=>request(`/usage?group_by=${encodeURIComponent(by)}`),estimate=body=>request("/\
jobs/estimate",{method:"POST",body}),calls=id=>request(`${jobPath(id)}/calls`),outlook=id=>request(`${jobPath(
id)}?fields=status,progress_detail,waiting`),payload=async id=>(await request(`${jobPath(id)}?includ\
e=payload`)).payload,retryPlan=id=>request(`${jobPath(id)}/retry?dry_run=true`,{method:"POST"}),remove=id=>request(
jobPath(id),{method:"DELETE"}),keyPath=id=>`/keys/${encodeURIComponent(id)}`,apiKeys=async()=>(await request(
"/keys")).keys,createKey=body=>request("/keys",{method:"POST",body}),rotateKey=id=>request(`${keyPath(
id)}/rotate`,{method:"POST"}),revokeKey=id=>request(`${keyPath(id)}/revoke`,{method:"POST"}),queue=()=>request(
"/queue"),pauseQueue=async body=>(await request("/queue/pause",{method:"POST",body})).paused,resumeQueue=async body=>(await request(
"/queue/resume",{method:"POST",body})).paused,checks=()=>request("/system");function store(value){let listeners2=new Set;return{get:()=>value,set(change){value={...value,...change};
for(let listener of[...listeners2])listener()},subscribe(listener){return listeners2.add(listener),()=>void listeners2.
delete(listener)}}}var current=store({question:null});function confirm2(question){return current.get().question?.answer(
!1),new Promise(answer=>current.set({question:{...question,answer}}))}function ConfirmDialog(){let{question}=useStore(
current);if(!question)return null;let{title,body,accept,decline="Cancel",danger=!1,answer}=question,
close=yes=>(current.set({question:null}),answer(yes));return html`<${Dialog} key=${title} label=${title} close=${()=>close(
!1)}>
    <h2>${title}</h2>
    <div class="question">${body}</div>
    <div class="buttons">
      <button onClick=${()=>close(!1)}>${decline}</button>
      <button class=${danger?"main bad":"main"} onClick=${()=>close(!0)}>${accept}</button>
    </div>
  <//>`}function Dialog({label,close,children}){let dialog=T2(null);return A2(()=>{let before=document.
activeElement;return dialog.current.showModal(),()=>void(before instanceof HTMLElement&&before.focus())},
[]),html`<dialog
    ref=${dialog}
    aria-label=${label}
    onCancel=${event=>(event.preventDefault(),close())}
    onClick=${event=>event.target===dialog.current&&close()}
  >
    <div class="inside">${children}</div>
  </dialog>`}var FILTERS=["status","type","session","q"],VIEWS=["jobs","spend","keys","system"];function parse(search){
let params=new URLSearchParams(search),text2=name=>params.get(name)??"";return{view:VIEWS.includes(text2(
"view"))?text2("view"):"jobs",job:text2("job"),tab:text2("tab"),newType:params.has("new")?text2("new"):
null,filters:Object.fromEntries(FILTERS.map(name=>[name,text2(name)]))}}function link({view,job,tab,
newType,filters}){let fields={view:view==="jobs"?"":view,...filters,job,tab:job?tab:""},query=new URLSearchParams(
Object.entries(fields).filter(([,value])=>value));return newType!==null&&!job&&query.set("new",newType),
query.size?`./?${query}`:"./"}function listQuery({status,type,session:session2,q:q2}){let query={status,
type,session_id:session2,q:q2.trim()};return Object.fromEntries(Object.entries(query).filter(([,value])=>value))}
var HOME=parse(""),route=store(typeof location>"u"?HOME:parse(location.search)),isOpen=id=>route.get().
view==="jobs"&&route.get().job===id,changed=change=>({...route.get(),...change});function go(change,{
replace=!1}={}){let next=changed(change),target=link(next);new URL(target,location.href).search!==location.
search&&history[replace?"replaceState":"pushState"](null,"",target),route.set(next)}var filter=change=>go(
{view:"jobs",filters:{...route.get().filters,...change}},{replace:!0});function to(change){let onClick=event=>{
event.metaKey||event.ctrlKey||event.shiftKey||event.button||(event.preventDefault(),go(change))};return{
href:link(changed(change)),onClick}}function listen(){addEventListener("popstate",()=>route.set(parse(
location.search)))}function words(name){let spaced=String(name).replace(/[_-]+/g," ").replace(/([a-z])([A-Z])/g,"$1 $2").
trim();return spaced.charAt(0).toUpperCase()+spaced.slice(1)}function money(amount,currency="USD"){let number=amount==
null||amount===""?NaN:Number(amount);if(Number.isNaN(number))return"unknown";let digits=number===0||
Math.abs(number)>=.1?2:Math.abs(number)>=.01?3:5,sign=currency==="USD"?"$":"";return`${sign}${number.
toFixed(digits)}${sign?"":` ${currency}`}`}function changeText(change){if(typeof change!="object")return String(
change);let{payload:payload2={},options={}}=change??{},{cache,...others}=options,fields=Object.entries(
{...payload2,...others}).map(([name,value])=>`${words(name)} ${typeof value=="object"?JSON.stringify(
value):value}`);return[...cache==="only"?["Cached result of an identical job"]:[],...fields].join(",\
 ")}var STATUS_WORDS={pending:"waiting",processing:"running",completed:"done"},statusWord=status=>STATUS_WORDS[status]??
status,shortId=id=>String(id).slice(-6);function duration(seconds){if(seconds==null||Number.isNaN(seconds))
return"";if(seconds<1)return seconds>0?`${Math.max(1,Math.round(seconds*1e3))} ms`:"0 s";if(seconds<
10)return`${Math.round(seconds*10)/10} s`;let whole2=Math.round(seconds);if(whole2<60)return`${whole2}\
 s`;if(whole2<3600)return`${Math.floor(whole2/60)} min${whole2%60?` ${whole2%60} s`:""}`;let minutes=Math.
floor(whole2%3600/60);return`${Math.floor(whole2/3600)} h${minutes?` ${minutes} min`:""}`}function ago(then,now){
let seconds=(now-Date.parse(then??""))/1e3;return Number.isNaN(seconds)?"":seconds<5?"just now":seconds<
60?`${Math.floor(seconds)} s ago`:seconds<3600?`${Math.floor(seconds/60)} min ago`:seconds<86400?`${Math.
floor(seconds/3600)} h ago`:`${Math.floor(seconds/86400)} d ago`}function between(from,to2){let seconds=(Date.
parse(to2??"")-Date.parse(from??""))/1e3;return Number.isNaN(seconds)?null:Math.max(0,seconds)}var finalCost=({
actual,state,currency,likely})=>actual==null?"":`${state==="upper_bound"?"up to ":""}${money(actual,
currency)}${likely!=null&&likely!==actual?`, likely ${money(likely,currency)}`:""}`,count=number=>Number(
number??0).toLocaleString("en"),plural=(number,noun)=>`${count(number)} ${noun}${number===1?"":"s"}`;
function remainingTime(eta,sinceMs){if(!eta)return"";let[low,high]=[eta.p50,eta.p90].map(s3=>Math.max(
0,Math.round(s3-sinceMs/1e3)));return high<=1?"almost done":low<=1||low===high?`less than ${duration(
high)} left`:`about ${duration(low)} to ${duration(high)} left`}function curl(method,url,body){let verb=method===
"GET"?"":` -X ${method}`,quoted=text2=>`'${text2.replaceAll("'","'\\''")}'`,head=`curl${verb} ${quoted(
url)}`;return body===void 0?head:`${head} \\
  -H 'Content-Type: application/json' \\
  -d ${quoted(JSON.stringify(body))}`}function priceText({expected,max,currency}){return max===null?"No price known for this model":max===
0?"Free":`About ${money(expected,currency)}, up to ${money(max,currency)}`}var DELAY_MS=500;function useEstimate(body){let request2=JSON.stringify(body),[latest,setLatest]=d2(
{request:"",reply:null});return A2(()=>{let replaced=!1,timer=setTimeout(async()=>{let reply=body&&await estimate(
body).catch(()=>null);replaced||setLatest({request:request2,reply})},DELAY_MS);return()=>(replaced=!0,
clearTimeout(timer))},[request2]),{reply:latest.reply,current:latest.request===request2}}var withCacheOnly=(body,{
reply,current:current2})=>current2&&reply?.cached&&body.options?.cache==="use"?{...body,options:{...body.
options,cache:"only"}}:body;function Estimate({reply,cache,regenerate,take:take2}){if(!reply)return null;
let reuse=()=>take2({options:{cache:"only"}});return reply.cached&&cache!=="skip"?html`<div class="estimate" aria-live="polite">
      <b>Free: cached result from an identical job</b>
      <button type="button" class="small" onClick=${regenerate}>Generate again</button>
    </div>`:html`<div class="estimate" aria-live="polite">
    ${cache==="only"?html`<span class="wrong">No cached result: this job would fail.</span>
          <button type="button" class="small" onClick=${regenerate}>Generate it</button>`:html`<${Figures} ...${reply.
estimate} />`}
    ${reply.cached&&html`<button type="button" class="small" onClick=${reuse}>
      Use the cached result of an identical job (free)
    </button>`}
    ${reply.violations.map(({code,detail})=>html`<span class="wrong" key=${code}>${detail}</span>`)}
    ${reply.requires_confirmation&&html`<span>You will be asked to confirm the price.</span>`}
    <${Alternatives} alternatives=${reply.alternatives} take=${take2} />
  </div>`}function Figures({cost,tokens,duration_s:seconds}){return html`<b>${priceText(cost)}</b>
    <span>about ${count(tokens.output_expected)} output tokens</span>
    <span>${duration(seconds.p50)} to ${duration(seconds.p90)}</span>`}function Alternatives({alternatives,
take:take2}){return alternatives.length?html`<div class="alternatives" role="group" aria-label="Fits within the limit">
    <span>Fits within the limit:</span>
    ${alternatives.map(({change,cost})=>html`<button
          type="button"
          class="small"
          key=${JSON.stringify(change)}
          title=${priceText(cost)}
          onClick=${()=>take2(change)}
        >
          ${changeText(change)}
        </button>`)}
  </div>`:null}function Command({text:text2,label="Copy"}){return html`<div class="command">
    <pre tabindex="0">${text2}</pre>
    <${CopyButton} text=${text2} label=${label} />
  </div>`}function CopyButton({text:text2,label,title}){let[result,setResult]=d2("");return html`<button
    type="button"
    class="small"
    title=${title}
    aria-label=${result?null:title}
    onClick=${async()=>{let copied=await write(typeof text2=="function"?text2():text2);setResult(copied?
"Copied":"Could not copy: select the text"),setTimeout(()=>setResult(""),2e3)}}
    aria-live="polite"
  >
    ${result||label}
  </button>`}async function write(text2){try{return await navigator.clipboard.writeText(text2),!0}catch{
return!1}}var SHORTCUTS=[["/","search"],["n","new job"],["j  k","next, previous job"],["Enter","open job"],["E\
sc","close panel"],["?","show shortcuts"]];function useShortcuts(cursor,showHelp){A2(()=>{let onKey=event=>{
if(event.metaKey||event.ctrlKey||event.altKey||document.querySelector("dialog[open]"))return;if(event.
key==="Escape")return escape();if(isTextField(event.target))return;let action=actions(cursor,showHelp)[event.
key];action&&(event.preventDefault(),action())};return addEventListener("keydown",onKey),()=>removeEventListener(
"keydown",onKey)},[])}var actions=(cursor,showHelp)=>({"/":()=>(go({view:"jobs"}),afterPaint(()=>focus(
"#search"))),n:openForm,j:()=>moveCursor(cursor,1),k:()=>moveCursor(cursor,-1),"?":showHelp});function openForm(){
go({view:"jobs",newType:"",job:""}),afterPaint(()=>focus(".form select"))}function moveCursor(cursor,by){
let rows=document.querySelector(".rows"),total=Number(rows?.querySelector("li")?.getAttribute("aria-\
setsize")??0);if(!rows||!total)return;cursor.at=Math.min(total-1,Math.max(0,cursor.at+by));let height=rows.
querySelector("li")?.offsetHeight??0,top=cursor.at*height;top<rows.scrollTop&&(rows.scrollTop=top),top+
height>rows.scrollTop+rows.clientHeight&&(rows.scrollTop=top+height-rows.clientHeight),afterPaint(()=>focus(
`.rows [data-at="${cursor.at}"]`,{preventScroll:!0}))}function escape(){let{activeElement}=document;
activeElement instanceof HTMLElement&&isTextField(activeElement)?activeElement.blur():closePanel()}function closePanel(){
let{job,newType}=route.get();!job&&newType===null||(go({job:"",newType:null,tab:""}),afterPaint(()=>focus(
`[data-id="${CSS.escape(job)}"]`)))}var isTextField=target=>target instanceof Element&&!!target.closest(
"input, textarea, select, [contenteditable]");function focus(selector,options){let element2=document.
querySelector(selector);element2 instanceof HTMLElement&&element2.focus(options)}var afterPaint=run=>requestAnimationFrame(
()=>requestAnimationFrame(run));function ShortcutHelp({close}){return html`<${Dialog} label="Keyboard shortcuts" close=${close}
    ><h2>Keyboard shortcuts</h2>
    <dl class="keys">
      ${SHORTCUTS.map(([keys,description])=>html`<div key=${keys}>
            <dt>${keys.split("  ").map(key=>html`<kbd>${key}</kbd> `)}</dt>
            <dd>${description}</dd>
          </div>`)}
    </dl>
    <div class="buttons"><button class="main" onClick=${close}>Close</button></div><//
  >`}var NO_OPTIONS={session:"",tags:"",model:"",max_cost:"",redact:"",priority:"",cache:"skip"},FIELDS=[
["session","Session","A label that groups related jobs"],["tags","Tags","Separate with commas"],["mo\
del","Model","Leave empty for the default model"],["max_cost","Max cost (USD)","Rejected if the maxi\
mum cost is higher. Leave empty for the server limit."],["redact","Redact","Kept from the model: ema\
il, phone, card, iban, key. Separate with commas"]],SELECTS=[["priority","Priority",[["","As usual f\
or the type"],["interactive","Interactive: before your other jobs"],["normal","Normal"],["batch","Ba\
tch: after your other jobs"]]],["cache","Cache",[["skip","Always generate"],["use","Use cached resul\
t if available"],["only","Cached result only"]]]];function AdvancedOptions({options,change,without}){
let set=name=>event=>change({...options,[name]:event.target.value});return html`<details class="more">
    <summary>Advanced options</summary>
    ${FIELDS.filter(([name])=>!without.includes(name)).map(([name,label,help])=>html`<div class="field" key=${name}>
          <label for=${name}>${label}</label>
          <input
            type="text"
            id=${name}
            value=${options[name]}
            inputmode=${name==="max_cost"?"decimal":null}
            onInput=${set(name)}
          />
          <p class="help">${help}</p>
        </div>`)}
    ${SELECTS.map(([name,label,choices])=>html`<div class="field" key=${name}>
          <label for=${name}>${label}</label>
          <select id=${name} onChange=${set(name)}>
            ${choices.map(([value,text2])=>html`<option key=${value} value=${value} selected=${value===
options[name]}>
                  ${text2}
                </option>`)}
          </select>
        </div>`)}
  </details>`}function requestOptions({session:session2,tags,model,max_cost,redact,priority,cache}){
let[tagList,kinds]=[tags,redact].map(text2=>text2.split(",").map(word=>word.trim()).filter(Boolean)),
options={...model?{model}:{},...max_cost?{max_cost:Number.isNaN(Number(max_cost))?max_cost:Number(max_cost)}:
{},...kinds.length?{redact:kinds}:{},...priority?{priority}:{},...cache==="skip"?{}:{cache}};return{
...session2?{session_id:session2}:{},...tagList.length?{tags:tagList}:{},...Object.keys(options).length?
{options}:{}}}function ImageFields({images,error,change}){let setAt=i3=>event=>change(images.map((one,j2)=>i3===j2?
{name:"",url:event.target.value}:one)),removeAt=i3=>()=>change(images.filter((_3,j2)=>j2!==i3)),add=async event=>{
let files=[...event.target.files];event.target.value="",change([...images,...await Promise.all(files.
map(read2))])};return html`<div class="field">
    <b id="images">Images</b>
    <div class="several" role="group" aria-labelledby="images">
      ${images.map(({name,url},i3)=>html`<div class="line" key=${i3}>
            ${name?html`<span class="grow">${name}</span>`:html`<input
                  type="url"
                  aria-label=${`Address of image ${i3+1}`}
                  placeholder="https://…"
                  value=${url}
                  onInput=${setAt(i3)}
                />`}
            <button
              type="button"
              class="small"
              aria-label=${`Remove image ${i3+1}`}
              onClick=${removeAt(i3)}
            >
              ✕
            </button>
          </div>`)}
      <div class="start">
        <button
          type="button"
          class="small"
          onClick=${()=>change([...images,{name:"",url:""}])}
        >
          Add an address
        </button>
        <label class="button small file"
          >Add files<input type="file" accept="image/*" multiple class="unseen" onChange=${add}
        /></label>
      </div>
    </div>
    <p class="help">
      ${error?html`<span class="wrong">${error}</span>`:"For models that read them. A file travels i\
nside the request."}
    </p>
  </div>`}var read2=file=>new Promise((resolve,reject)=>{let reader=new FileReader;reader.onload=()=>resolve(
{name:file.name,url:String(reader.result)}),reader.onerror=()=>reject(reader.error),reader.readAsDataURL(
file)});var LONG_TEXT=600,InvalidJson=class extends Error{constructor(label,name="",reason=""){super(`Invali\
d JSON in ${label}.`),this.errors=name?{[name]:`Invalid JSON: ${reason}`}:{}}},fieldsOf=(schema,example={})=>propertyFields(
schema,schema,example);function propertyFields(schema,root,example){let required=schema.required??[];
return Object.entries(schema.properties??{}).map(([name,property])=>toField(name,property,root,{required:required.
includes(name),value:example?.[name]}))}function toField(name,property,root,{required,value}){let schema=resolved(
property,root),initial=value??property.default??schema.default??null;return{name,label:labelOf(name,
property.title??schema.title),help:property.description??schema.description??"",required,value:initial,
placeholder:(property.examples??schema.examples)?.[0],...kindOf(schema,root,initial)}}var labelOf=(name,title)=>title&&
title.toLowerCase()!==name.replaceAll("_"," ").toLowerCase()?title:words(name);function resolved(schema,root){
if(schema.$ref)return resolved(dereferenced(schema.$ref,root),root);let{anyOf,oneOf,allOf,...rest}=schema,
options=(anyOf??oneOf??allOf??[]).filter(option=>option.type!=="null");return options.length===1?{...rest,
...resolved(options[0],root)}:schema}function dereferenced(reference,root){return reference.replace(
/^#\//,"").split("/").reduce((at,part)=>at?.[part.replaceAll("~1","/").replaceAll("~0","~")],root)??
{}}function kindOf(schema,root,value){let type=[schema.type].flat().find(one=>one!=="null");if(schema.
enum||schema.const!==void 0)return{kind:"choice",choices:schema.enum??[schema.const]};if(type==="str\
ing"){let maxSize=schema.maxLength;return{kind:(maxSize??0)>LONG_TEXT?"long":"text",maxSize}}if(type===
"integer"||type==="number"){let min=schema.minimum??above(schema.exclusiveMinimum);return{kind:type,
min,max:schema.maximum}}if(type==="boolean")return{kind:"yesno"};if(type==="object"&&schema.properties)
return{kind:"group",fields:propertyFields(schema,root,value)};if(type==="array"&&schema.items){let item=toField(
"",schema.items,root,{required:!0,value:void 0});return item.kind!=="group"&&item.kind!=="json"?{kind:"\
list",item,maxSize:schema.maxItems}:{kind:"json"}}return{kind:"json"}}var above=bound=>bound===void 0?
void 0:bound+1,initialValues=fields=>Object.fromEntries(fields.map(field=>[field.name,initialValue(field)]));
function initialValue({kind,value,fields=[]}){return kind==="group"?initialValues(fields):kind==="li\
st"?value??[]:kind==="json"?value===null?"":JSON.stringify(value,null,1):value??(kind==="yesno"?!1:"")}
function payloadOf(fields,values){let entries=fields.map(field=>[field.name,payloadValue(field,values[field.
name])]);return Object.fromEntries(entries.filter(([,value])=>value!==void 0))}function payloadValue(field,value){
if(field.kind==="group")return groupValue(field,value??{});if(field.kind==="list")return listValue(field,
value);if(!(value===""||value===null||value===void 0))return field.kind==="json"?parsed2(value,field.
label):field.kind==="integer"||field.kind==="number"?Number.isNaN(Number(value))?value:Number(value):
field.kind==="choice"?field.choices?.find(choice=>String(choice)===String(value))??value:value}function groupValue({
fields=[],required,value},values){return JSON.stringify(values)===JSON.stringify(initialValues(fields))&&
!required&&value===null?void 0:payloadOf(fields,values)}function listValue({item,required},values){let filled=values.
filter(value=>value!=="").map(value=>payloadValue(item,value));return filled.length||required?filled:
void 0}function parsed2(text2,label){try{return JSON.parse(text2)}catch{throw new InvalidJson(label)}}
function errorsByField(errors){let entries=errors.map(({pointer,detail})=>[(pointer??"").replace(/^\/(payload|input)\/?/,
"").replaceAll("/","."),detail]);return Object.fromEntries(entries)}var VARIABLE=/\{\{\s*([A-Za-z_][A-Za-z0-9_]{0,63})\s*\}\}/g,NO_PROMPT={prompt:"",system:"",variables:{},
images:[],output_schema:"",max_output_tokens:"",temperature:"",parameters:""},variableNames=({prompt,
system})=>[...new Set([...`${prompt}
${system}`.matchAll(VARIABLE)].map(([,name])=>name))];function promptPayload(values){let filled=variableNames(
values).map(name=>[name,values.variables[name]]).filter(([,value])=>value),payload2={...requestOf(values),
variables:filled.length?Object.fromEntries(filled):void 0,output_schema:jsonOf(values,"output_schema",
"JSON Schema"),max_output_tokens:numberOf(values.max_output_tokens),temperature:numberOf(values.temperature),
parameters:jsonOf(values,"parameters","Parameters")};return Object.fromEntries(Object.entries(payload2).
filter(([,value])=>value!==void 0))}function requestOf({prompt,system,images}){let urls=images.map(({
url})=>url.trim()).filter(Boolean);if(!urls.length)return{prompt,...system?{system}:{}};let content=[
{type:"text",text:prompt},...urls.map(url=>({type:"image_url",image_url:{url}}))];return{messages:[...system?
[{role:"system",content:system}]:[],{role:"user",content}]}}var numberOf=text2=>text2===""?void 0:Number.
isNaN(Number(text2))?text2:Number(text2);function jsonOf(values,name,label){if(values[name].trim())try{
return JSON.parse(values[name])}catch(error){throw new InvalidJson(label,name,error.message)}}function promptErrors(errors){
let entries=Object.entries(errorsByField(errors)).map(([path,detail])=>path.startsWith("messages")?[
path.includes("image_url")?"images":"prompt",detail]:[path.split(".")[0],detail]);return Object.fromEntries(
entries)}var MORE=[["system","System","How the model shall behave",{rows:2}],["output_schema","JSON Schema","\
The result is then JSON that fits it, in place of text",{rows:5,class:"code",spellcheck:!1,placeholder:'\
{"type": "object", …}'}]],NUMBERS=[["max_output_tokens","Max output tokens","Bounds the length and\
 the price",{placeholder:"4096",inputmode:"numeric"}],["temperature","Temperature","0 to 2; not ever\
y model has it",{placeholder:"as the model",inputmode:"decimal"}]];function PromptFields({values,errors,
change,options,changeOptions}){let set=name=>event=>change({...values,[name]:event.target.value}),field=name=>({
name,value:values[name],error:errors[name],onInput:set(name)}),wrong=MORE.concat(NUMBERS).some(([name])=>errors[name])||
errors.parameters;return html`<${Field}
      ...${field("prompt")}
      label="Prompt"
      help="What the model shall do. {{name}} makes a variable."
      attributes=${{rows:6,placeholder:"Write a haiku about a drowned harbour town."}}
    />
    <${Variables} values=${values} error=${errors.variables} change=${change} />
    <${Field}
      name="model"
      value=${options.model}
      onInput=${event=>changeOptions({...options,model:event.target.value})}
      label="Model"
      help="Leave empty for the default model"
      tag="input"
    />
    <details class="more" open=${wrong?!0:null}>
      <summary>System, JSON Schema, images, length</summary>
      ${MORE.map(([name,label,help,attributes])=>html`<${Field} key=${name} ...${field(name)} ...${{
label,help,attributes}} />`)}
      <${ImageFields}
        images=${values.images}
        error=${errors.images}
        change=${images=>change({...values,images})}
      />
      <div class="pair">
        ${NUMBERS.map(([name,label,help,attributes])=>html`<${Field}
              key=${name}
              tag="input"
              ...${field(name)}
              ...${{label,help,attributes}}
            />`)}
      </div>
      <${Field}
        ...${field("parameters")}
        label="Parameters"
        help="Further fields of the request as JSON, as the provider names them: seed, tools …"
        attributes=${{rows:2,class:"code",spellcheck:!1,placeholder:'{"seed": 7}'}}
      />
    </details>`}function Field({name,value,label,help,error,onInput,tag="textarea",attributes={}}){let id=name===
"model"?name:`field-${name}`;return html`<div class="field">
    <label for=${id}>${label}</label>
    <${tag}
      id=${id}
      name=${name}
      aria-describedby=${`${id}-help`}
      aria-invalid=${error?"true":null}
      autocomplete="off"
      ...${attributes}
      value=${value}
      onInput=${onInput}
    />
    <p class="help" id=${`${id}-help`}>
      ${error?html`<span class="wrong">${error}</span>`:help}
    </p>
  </div>`}function Variables({values,error,change}){let names=variableNames(values);if(!names.length)
return null;let set=name=>event=>change({...values,variables:{...values.variables,[name]:event.target.
value}});return html`<fieldset class="group">
    <legend>Variables</legend>
    ${error&&html`<p class="help"><span class="wrong">${error}</span></p>`}
    ${names.map(name=>html`<${Field}
          key=${name}
          name=${`variable-${name}`}
          label=${name}
          help=""
          value=${values.variables[name]??""}
          onInput=${set(name)}
          attributes=${{rows:1}}
        />`)}
  </fieldset>`}function NumberField({field:{min,max,kind,label},value,set,attributes}){let step=by=>set(Math.min(max??
1/0,Math.max(min??-1/0,(Number(value)||0)+by)));return html`<span class="stepper">
    <button
      type="button"
      aria-label=${`Less: ${label}`}
      disabled=${min!==void 0&&Number(value)<=min}
      onClick=${()=>step(-1)}
    >
      −
    </button>
    <input
      type="number"
      ...${attributes}
      min=${min}
      max=${max}
      step=${kind==="integer"?1:"any"}
      value=${value}
      onInput=${event=>set(event.target.value)}
    />
    <button
      type="button"
      aria-label=${`More: ${label}`}
      disabled=${max!==void 0&&Number(value)>=max}
      onClick=${()=>step(1)}
    >
      +
    </button>
  </span>`}function ListField({field,value,set,attributes,control}){let{label,item,maxSize}=field,setAt=i3=>next=>set(
value.map((old,j2)=>i3===j2?next:old)),removeAt=i3=>()=>set(value.filter((_3,j2)=>j2!==i3)),nameOf=i3=>({
...attributes,id:`${attributes.id}-${i3}`,"aria-label":`${label}, ${i3+1}`});return html`<div class="several">
    ${value.map((one,i3)=>html`<div class="line" key=${i3}>
          <${control} field=${item} value=${one} set=${setAt(i3)} attributes=${nameOf(i3)} />
          <button
            type="button"
            class="small"
            aria-label=${`Remove ${i3+1}`}
            onClick=${removeAt(i3)}
          >
            ✕
          </button>
        </div>`)}
    ${(maxSize===void 0||value.length<maxSize)&&html`<button
      type="button"
      class="small"
      id=${value.length?null:`${attributes.id}-0`}
      onClick=${()=>set([...value,""])}
    >
      Add one
    </button>`}
  </div>`}function Fields({fields,values,errors,change,path=""}){return fields.map(field=>{let set=value=>change(
{...values,[field.name]:value}),props={field,value:values[field.name],set,errors,path:path+field.name};
return field.kind==="group"?html`<${Group} key=${field.name} ...${props} />`:html`<${FormField} key=${field.
name} ...${props} />`})}function Group({field,value,set,errors,path}){return html`<fieldset class="group">
    <legend>${field.label}</legend>
    ${field.help&&html`<p class="help">${field.help}</p>`}
    <${Fields}
      fields=${field.fields}
      values=${value??{}}
      errors=${errors}
      change=${set}
      path=${`${path}.`}
    />
  </fieldset>`}function FormField({field,value,set,errors,path}){let id=`field-${path}`,error=errors[path],
attributes={id,name:path,"aria-describedby":`${id}-help`,"aria-invalid":error?"true":null,"aria-requ\
ired":field.required?"true":null},isNumber=field.kind==="integer"||field.kind==="number",optional=!field.
required&&!isNumber;return html`<div class=${`field${isNumber?" short":""}`}>
    <label for=${field.kind==="list"?`${id}-0`:id}
      >${field.label}${optional&&html` <span class="optional">optional</span>`}</label
    >
    <${Control} field=${field} value=${value} set=${set} attributes=${attributes} />
    <p class="help" id=${`${id}-help`}>
      ${error?html`<span class="wrong">${withSubject(error,field.label)}</span>`:field.help}
    </p>
  </div>`}var withSubject=(error,label)=>/^is /.test(error)?`${label} ${error}`:error;function Control({
field,value,set,attributes}){let onInput=event=>set(event.target.value),props={field,value,set,attributes};
switch(field.kind){case"long":return html`<textarea
        ...${attributes}
        rows="3"
        maxlength=${field.maxSize}
        placeholder=${field.placeholder}
        value=${value}
        onInput=${onInput}
      />`;case"json":return html`<textarea
        ...${attributes}
        rows="4"
        class="code"
        spellcheck="false"
        value=${value}
        onInput=${onInput}
      />`;case"integer":case"number":return html`<${NumberField} ...${props} />`;case"yesno":return html`<input
        type="checkbox"
        ...${attributes}
        checked=${!!value}
        onChange=${event=>set(event.target.checked)}
      />`;case"choice":return html`<select ...${attributes} onChange=${onInput}>
        ${!field.required&&html`<option value="">—</option>`}
        ${(field.choices??[]).map(choice=>html`<option key=${choice} value=${choice} selected=${String(
choice)===String(value)}>
              ${words(choice)}
            </option>`)}
      </select>`;case"list":return html`<${ListField} ...${props} control=${Control} />`;default:return html`<input
        type="text"
        autocomplete="off"
        ...${attributes}
        maxlength=${field.maxSize}
        placeholder=${field.placeholder}
        value=${value}
        onInput=${onInput}
      />`}}function formOf(type){if(type.type==="prompt")return{initial:NO_PROMPT,fields:PromptFields,payload:promptPayload,
errors:promptErrors,options:["model"],submit:"Run prompt",isReady:values=>values.prompt.trim()!==""};
let fields=fieldsOf(type.payload_schema,type.example);return{initial:initialValues(fields),fields:props=>html`<${Fields} fields=${fields} ...${props} />`,
payload:values=>payloadOf(fields,values),errors:errorsByField,options:[],submit:type.title,isReady:()=>!0}}function confirmCost({cost:{expected,max,currency}},alternatives=[]){let body=html`<p>
      This job is expected to cost <b>${money(expected,currency)}</b> and could cost up to${" "}
      <b>${money(max,currency)}</b>. Nothing has been charged yet.
    </p>
    ${alternatives.length>0&&html`<${Cheaper} alternatives=${alternatives} />`}`;return confirm2({title:"\
Confirm cost",body,accept:`Spend up to ${money(max,currency)}`})}function Cheaper({alternatives}){return html`<p>Cheaper:</p>
    <ul>
      ${alternatives.map(({change,cost:{max,currency}})=>{let price=max===0?"free":`up to ${money(max,
currency)}`;return html`<li key=${JSON.stringify(change)}>${changeText(change)} · ${price}</li>`})}
    </ul>`}var TOAST_MS=12e3,MAX_TOASTS=4,toasts=store({all:[]});function showToast(toast,ms=TOAST_MS){dismiss(
toast.key),toasts.set({all:[...toasts.get().all,toast].slice(-MAX_TOASTS)}),setTimeout(()=>dismiss(toast.
key),ms)}function showError(key,error,prefix=""){let message=error instanceof Error?error.message:String(
error);showToast({key,bad:!0,text:prefix+message})}var dismiss=key=>toasts.set({all:toasts.get().all.
filter(toast=>toast.key!==key)});function Toasts(){let{all}=useStore(toasts);return html`<div class="toasts" role="status" aria-live="polite">
    ${all.map(toast=>html`<div class=${`toast${toast.bad?" bad":""}`} key=${toast.key}>
          <span>${toast.text}</span>
          ${toast.job&&html`<a ...${to({view:"jobs",job:toast.job,tab:"",newType:null})}>View</a>`}
          ${toast.action&&html`<button class="small" onClick=${()=>(toast.action?.run(),dismiss(toast.
key))}>
            ${toast.action.label}
          </button>`}
          <button class="small" aria-label="Dismiss" onClick=${()=>dismiss(toast.key)}>✕</button>
        </div>`)}
  </div>`}var toRow=job=>({id:job.id,type:job.type,status:job.status,progress:job.progress,message:job.message,
source:job.progress_source??"simulated",created:job.created_at,started:job.started_at??null,ended:job.
completed_at??null,attempt:job.attempt??1,error:job.error??null,session:job.session_id??null,title:job.
title??null});function applyEvent(row,event){let attempt=event.attempt??row.attempt,retried=attempt>
row.attempt;if(attempt<row.attempt||!retried&&hasEnded(row))return row;let{status=row.status,message=row.
message,source=row.source}=event,progress=Math.max(retried?0:row.progress,event.progress??0);return{
...row,status,message,source,progress,attempt}}var hasEnded=({status})=>!["pending","processing"].includes(
status);function mergeFirstPage(rows,page,complete2){if(complete2||!rows.length)return page;let last=page.
at(-1);if(!last)return rows;let ids=new Set(page.map(row=>row.id)),below=rows.findIndex(row=>row.created<
last.created),rest=below<0?[]:rows.slice(below).filter(row=>!ids.has(row.id));return[...page,...rest]}
function newRows(rows,page){let ids=new Set(rows.map(row=>row.id));return page.filter(row=>!ids.has(
row.id))}function visibleRange({top,height,row,count:count2,around=8}){let first=Math.max(0,Math.floor(
top/row)-around),last=Math.min(count2,Math.ceil((top+height)/row)+around);return{first:Math.min(first,
count2),last}}var PAGE_SIZE=50,REFRESH_DELAY_MS=700,REFRESHING=["created","counts","snapshot","reset","done"],jobs=store(
{rows:[],counts:null,cursor:null,loading:!1,loaded:!1,error:null,fresh:0,hidden:new Set}),eventListeners=new Set,
scroll={atTop:!0},LOADED={loading:!1},generation=0,refreshTimer=null,pending=new Map;async function load(){
generation+=1,jobs.set({loading:!0,fresh:0}),await read3({},page=>({...page,loaded:!0}),LOADED)}async function loadMore(){
let{cursor,loading}=jobs.get();!cursor||loading||(jobs.set({loading:!0}),await read3({cursor},page=>{
let{rows}=jobs.get();return{rows:[...rows,...newRows(rows,page.rows)],cursor:page.cursor}},LOADED))}
async function refresh(){await read3({},merged)}function merged(page){let{rows,cursor}=jobs.get(),{counts}=page;
if(!scroll.atTop)return{counts,fresh:newRows(rows,page.rows).length,loaded:!0};let complete2=page.cursor===
null,next=mergeFirstPage(rows,page.rows,complete2),nextCursor=complete2||next.length===page.rows.length?
page.cursor:cursor;return{rows:next,counts,cursor:nextCursor,fresh:0,loaded:!0}}function refreshSoon(){
refreshTimer??=setTimeout(()=>(refreshTimer=null,void refresh()),REFRESH_DELAY_MS)}async function read3(query,change,always={}){
let current2=generation,next;try{let reply=await client.list({...listQuery(route.get().filters),limit:PAGE_SIZE,
...query}),page={rows:reply.jobs.map(toRow),cursor:reply.next_cursor,counts:reply.counts};if(current2!==
generation)return;next={...change(page),error:null}}catch(error){next={error:error instanceof Refused?
error.message:null}}current2===generation&&jobs.set({...next,...always})}function followFeed(){return client.
feed.subscribe(event=>{if(event===null)return void refresh();for(let listener of eventListeners)listener(
event);receive(event)})}function receive(event){if(event.type==="counts"&&!isNarrowed())return jobs.
set({counts:event.counts});REFRESHING.includes(event.type)&&refreshSoon(),"seq"in event&&(pending.size||
requestAnimationFrame(applyPending),pending.set(event.job_id,[...pending.get(event.job_id)??[],event]))}
function applyPending(){let events=pending;pending=new Map;let changed2=!1,rows=jobs.get().rows.map(
row=>{let next=(events.get(row.id)??[]).reduce(applyEvent,row);return next===row?row:(changed2=!0,hasEnded(
next)&&!next.ended?{...next,ended:new Date().toISOString()}:next)});changed2&&jobs.set({rows})}function isNarrowed(){
let{type,session:session2,q:q2}=route.get().filters;return!!(type||session2||q2.trim())}function setHidden(id,isHidden){
let hidden=new Set(jobs.get().hidden);isHidden?hidden.add(id):hidden.delete(id),jobs.set({hidden})}var own=new Map;function announceEnd(handle){if(!(!handle.id||own.has(handle.id))){if(own.set(handle.
id,handle),!handle.over)return void handle.onFinish(announce);handle.done().catch(()=>{}),announce(handle.
snapshot())}}var announce=({job})=>void(job&&!isOpen(job.id)&&showToast(endOf(job))),isOwn=id=>own.has(
id);eventListeners.add(event=>{event.type==="done"&&own.has(event.job_id)&&client.watch(event.job_id)});
async function resumeOwnJobs(){let{resumed,completedWhileAway,unsure}=await client.recover();for(let handle of resumed)
announceEnd(handle);let ended=completedWhileAway.filter(({id})=>!isOpen(id));for(let handle of completedWhileAway)
handle.done().catch(()=>{});let[first]=ended.map(handle=>handle.snapshot().job);if(ended.length===1&&
first&&showToast(endedWhileAway(first)),ended.length>1){let action={label:"Show",run:()=>go({view:"j\
obs",job:"",newType:null})},text2=`${plural(ended.length,"job")} ended while you were away`;showToast(
{key:"away",text:text2,action})}unsure.length&&showToast(UNCONFIRMED)}var UNCONFIRMED={key:"unconfir\
med",bad:!0,text:"We could not confirm your last job. Check the list before submitting again."},endOf=job=>({
key:job.id,job:job.id,bad:job.status==="failed",text:`${words(job.type)}: ${statusWord(job.status)}`}),
endedWhileAway=job=>({...endOf(job),text:`While you were away: ${words(job.type)}, ${statusWord(job.
status)}`});var submit=body=>client.start(body,{onConfirmCost:confirmCost,follow:!1});async function openSubmitted(handle){
await handle.sent,go({job:handle.id??"",newType:null}),announceEnd(handle)}function refusalText({message,problem,status}){if(problem.retry_at)return`${message} The budget rese\
ts on ${new Date(problem.retry_at).toLocaleString()}.`;if(status===428)return"Not submitted. Nothing\
 was charged.";let details=(problem.errors??[]).filter(error=>!String(error.pointer??"").startsWith(
"/payload")).map(({pointer,header,parameter,detail})=>`${pointer??header??parameter}: ${detail}`);return[
message,...details].join(" ")}function Unconfirmed({handle}){let[state,setState]=d2(handle?.snapshot());
return A2(()=>(setState(handle?.snapshot()),handle?.subscribe(setState)),[handle]),!handle||state?.connection!==
"uncertain"?null:html`<p class="note" role="status">
    No response yet. Retrying with the same key, so only one job is created.
  </p>`}function NewJob({types,selected,closable}){let byName=name=>types.find(({type:type2})=>type2===name),
type=byName(selected)??byName("prompt")??types[0];if(!type)return html`<section class="panel form" aria-label="New job">
      <h1>New job</h1>
      <p class="soft">Loading job types…</p>
    </section>`;let choose=event=>go({newType:event.target.value,job:""},{replace:!0});return html`<section class="panel form" aria-label="New job">
    <header>
      <div>
        <h1>New job</h1>
        <p class="soft">Runs in the background. You can close this page.</p>
      </div>
      ${closable&&html`<button class="small close" aria-label="Close" onClick=${closePanel}>✕</button>`}
    </header>
    <div class="field">
      <label for="type">Job type</label>
      <select id="type" onChange=${choose}>
        ${types.map(one=>html`<option key=${one.type} value=${one.type} selected=${one===type}>
              ${one.title}
            </option>`)}
      </select>
      <p class="help">${type.description} Usually takes about ${duration(type.expected_s)}.</p>
    </div>
    <${Form} key=${type.type} type=${type} />
  </section>`}var NOT_SUBMITTED={handle:null,error:null,errors:{}};function Form({type}){let form=w2(
()=>formOf(type),[type]),[values,setValues]=d2(form.initial),[options,setOptions]=d2(NO_OPTIONS),[submission,
setSubmission]=d2(NOT_SUBMITTED),{body,error,errors}=bodyOf(type.type,form,values,options),estimate2=useEstimate(
form.isReady(values)?body:null),take2=change=>{setValues({...values,...change.payload}),setOptions({
...options,...change.options})};return html`<form onSubmit=${event=>{event.preventDefault(),!submission.
handle&&(body?send(withCacheOnly(body,estimate2),form,setSubmission):showErrors({handle:null,error,errors},
setSubmission))}} novalidate>
    <${form.fields}
      values=${values}
      errors=${submission.errors}
      change=${setValues}
      options=${options}
      changeOptions=${setOptions}
    />
    <${AdvancedOptions} options=${options} change=${setOptions} without=${form.options} />
    <${Estimate}
      reply=${estimate2.reply}
      cache=${options.cache}
      regenerate=${()=>setOptions({...options,cache:"skip"})}
      take=${take2}
    />
    ${submission.error&&html`<p class="note bad" role="alert">${submission.error}</p>`}
    <${Unconfirmed} handle=${submission.handle} />
    <div class="buttons">
      <${CopyButton}
        label="Copy as curl"
        text=${()=>curl("POST",address("/jobs"),body??{})}
      />
      <span class="grow" />
      <button class="main" type="submit" disabled=${!!submission.handle}>
        ${submission.handle?"Submitting…":form.submit}
      </button>
    </div>
  </form>`}function bodyOf(type,form,values,options){try{return{body:{type,payload:form.payload(values),
...requestOptions(options)},error:null,errors:{}}}catch(error){if(!(error instanceof InvalidJson))throw error;
return{body:null,error:error.message,errors:error.errors}}}async function send(body,form,setSubmission){
let handle=submit(body);setSubmission({...NOT_SUBMITTED,handle});try{await openSubmitted(handle)}catch(error){
if(!(error instanceof Refused))throw error;let errors=form.errors(error.problem.errors??[]);showErrors(
{handle:null,error:refusalText(error),errors},setSubmission)}}function showErrors(submission,setSubmission){
setSubmission(submission),requestAnimationFrame(()=>focus(".form [aria-invalid=true]"))}var LABELS={simulated:"estimated",tokens:"measured by output",items:"measured by items",steps:"measu\
red by steps"};function progressBasis(source,detail){let{items_done:done,items_expected:expected}=detail??
{};return source==="items"&&expected?`${done??0} of ${expected} done`:LABELS[source]??""}function ProgressBar({
progress,source,decorative=!1,label="Progress"}){let attributes=decorative?{"aria-hidden":"true"}:{role:"\
progressbar","aria-label":label,"aria-valuemin":0,"aria-valuemax":100,"aria-valuenow":progress,"aria\
-valuetext":`${progress} percent, ${progressBasis(source)}`},measured=["tokens","items","steps"].includes(
source);return html`<span class=${`bar ${measured?"solid":"striped"}`} ...${attributes}>
    <span style=${{width:`${progress}%`}}
  /></span>`}var NO_FILTERS={status:"",type:"",session:"",q:""},STATUSES=[["","All"],["active","Running"],["compl\
eted","Done"],["failed","Failed"],["cancelled","Cancelled"]];function Filters({filters,types,counts}){
let statuses=STATUSES.filter(([status])=>status!=="cancelled"||filters.status===status||counts?.cancelled);
return html`<form class="filters" role="search" onSubmit=${event=>event.preventDefault()}>
    <div class="line">
      <input
        type="search"
        id="search"
        name="q"
        placeholder="Search  /"
        aria-label="Search jobs: the beginning of an ID, or words"
        value=${filters.q}
        onInput=${event=>filter({q:event.target.value})}
      />
      <select
        name="type"
        aria-label="Job type"
        value=${filters.type}
        onChange=${event=>filter({type:event.target.value})}
      >
        <option value="">All types</option>
        ${types.map(({type,title})=>html`<option key=${type} value=${type} selected=${type===filters.
type}>
              ${title}
            </option>`)}
      </select>
    </div>
    <div class="chips" role="group" aria-label="Status">
      ${statuses.map(([status,label])=>html`<button
            key=${status}
            type="button"
            class="chip"
            aria-pressed=${String(filters.status===status)}
            onClick=${()=>filter({status})}
          >
            ${label}${counts&&html` <span class="n">${count(countOf(counts,status))}</span>`}
          </button>`)}
      ${filters.session&&html`<button
        type="button"
        class="chip"
        aria-pressed="true"
        aria-label=${`Session ${filters.session}: show all sessions`}
        onClick=${()=>filter({session:""})}
      >
        ${filters.session} ✕
      </button>`}
    </div>
  </form>`}function countOf(counts,status){return status===""?Object.values(counts).reduce((sum,number)=>sum+
number,0):status==="active"?(counts.pending??0)+(counts.processing??0):counts[status]??0}var ROW_HEIGHT=68,SEARCH_DELAY_MS=250;function JobList({types,cursor}){let{filters}=useStore(route),
{rows,hidden,loaded,loading,error,fresh,counts,cursor:next}=useStore(jobs);A2(()=>void load(),[filters.
status,filters.type,filters.session]),useDebounced(load,filters.q);let shown=hidden.size?rows.filter(
row=>!hidden.has(row.id)):rows;A2(()=>void(!shown.length&&!loading&&loadMore()),[shown.length,loading,
next]);let titles=w2(()=>Object.fromEntries(types.map(({type,title})=>[type,title])),[types]);return html`<section class="list" aria-label="Jobs">
    <${Filters} filters=${filters} types=${types} counts=${counts} />
    ${error&&html`<p class="note bad" role="alert">${error}</p>`}
    ${fresh>0&&html`<button class="fresh" onClick=${showFresh}>${plural(fresh,"new job")} above</button>`}
    ${shown.length>0?html`<${Rows} rows=${shown} cursor=${cursor} titles=${titles} />`:loaded&&!next?
Object.values(filters).some(Boolean)?html`<${NoMatches} />`:html`<${NoJobs} />`:html`<div class="rows" aria-busy="true" />`}
  </section>`}function showFresh(){scroll.atTop=!0,document.querySelector(".rows")?.scrollTo({top:0}),
refresh()}function useDebounced(run,text2){let first=T2(!0);A2(()=>{if(first.current)return void(first.
current=!1);let timer=setTimeout(run,SEARCH_DELAY_MS);return()=>clearTimeout(timer)},[text2])}function Rows({
rows,cursor,titles}){let box=T2(null),[viewport,setViewport]=d2({top:0,height:900}),now=useNow(5e3),
{job}=useStore(route),{cursor:next}=useStore(jobs),measure=()=>{if(!box.current?.clientHeight)return;
let{scrollTop:top,clientHeight:height}=box.current;scroll.atTop=top<ROW_HEIGHT/2,(Math.abs(top-viewport.
top)>=ROW_HEIGHT||height!==viewport.height||top===0)&&setViewport({top,height}),top+height>rows.length*
ROW_HEIGHT-10*ROW_HEIGHT&&loadMore()};F2(measure,[rows.length,next]);let latest=T2(measure);latest.current=
measure,A2(()=>{let observer=new ResizeObserver(()=>latest.current());return observer.observe(box.current),
()=>observer.disconnect()},[]);let{first,last}=visibleRange({...viewport,row:ROW_HEIGHT,count:rows.length});
return html`<div class="rows" ref=${box} onScroll=${measure}>
    <ul style=${{height:`${rows.length*ROW_HEIGHT}px`}}>
      ${rows.slice(first,last).map((row,i3)=>html`<${JobRow}
              key=${row.id}
              row=${row}
              title=${titles[row.type]}
              now=${now}
              index=${first+i3}
              total=${rows.length}
              current=${row.id===job}
              onFocus=${()=>cursor.at=first+i3}
            />`)}
    </ul>
  </div>`}function JobRow({row,title,now,index,total,current:current2,onFocus}){let details=[row.status===
"completed"?tookOf(row):row.error??row.message,row.attempt>1?`attempt ${row.attempt}`:""].filter(Boolean);
return html`<li
    style=${{top:`${index*ROW_HEIGHT}px`}}
    aria-setsize=${total}
    aria-posinset=${index+1}
  >
    <a
      ...${to({job:row.id,newType:null,tab:""})}
      class="row"
      data-at=${index}
      data-id=${row.id}
      aria-current=${current2?"true":null}
      onFocus=${onFocus}
    >
      <span class=${`dot ${row.status}`} aria-hidden="true" />
      <span class="what"
        ><b>${row.title??title??words(row.type)}</b> <code>${shortId(row.id)}</code></span
      >
      <span class="when">${ago(row.created,now)}</span>
      <span class="details"
        ><span class="word">${statusWord(row.status)}</span>${details.map(one=>` · ${one}`)}
      </span>
      ${!hasEnded(row)&&html`<${ProgressBar} progress=${row.progress} source=${row.source} decorative />`}
    </a>
  </li>`}function tookOf({created,started,ended}){let seconds=between(started??created,ended);return seconds===
null?"":`took ${duration(seconds)}`}function NoMatches(){return html`<div class="empty">
    <h2>No matching jobs</h2>
    <p>Try fewer filters.</p>
    <button onClick=${()=>go({view:"jobs",filters:NO_FILTERS},{replace:!0})}>Show all jobs</button>
  </div>`}function NoJobs(){let body={type:"prompt",payload:{prompt:"Write a haiku about rain."}};return html`<div class="empty">
    <h2>No jobs yet</h2>
    <p>A job is one long generation. It runs in the background; you can close this page.</p>
    <button class="main" onClick=${openForm}>Create your first job</button>
    <p>Or from a terminal:</p>
    <${Command} text=${curl("POST",address("/jobs"),body)} />
  </div>`}var UNKNOWN={required:!1,methods:[],principal:null,expires:null,logIns:0},session=store(UNKNOWN),may=scope=>!!session.
get().principal?.scopes.includes(scope),isOpen2=()=>session.get().principal?.id==="local";async function checkSession(){
try{let response=await send2("GET");response.ok&&take(await response.json())}catch{}}async function logIn(key){
try{let response=await send2("POST",{key}),body=await response.json();return response.ok?(take(body,
!0),""):body.detail??body.title}catch{return"The server did not answer. Check the connection, then t\
ry again."}}async function logOut(){if(!(await send2("DELETE")).ok)throw new Error("The log-out fail\
ed. Try again.");location.assign("./")}function take(known,isLogIn=!1){let{principal,logIns,required}=session.
get();if(principal&&known.principal&&principal.user_id!==known.principal.user_id&&!isOpen2())return location.
reload();known.principal&&client.records.setNamespace(namespaceOf(known.principal));let back=(isLogIn||
required)&&!known.login_required;back&&forgetRefused(),session.set({required:known.login_required,methods:known.
login_methods,principal:known.principal??principal,expires:known.expires_at,logIns:logIns+Number(back)})}
var namespaceOf=({id,user_id:user})=>id==="local"?"anyone":user;function forgetRefused(){for(let handle of[
...client.handles.values()])handle.state.connection==="refused"&&handle.detach()}var send2=(method,body)=>fetch(
address("/session"),{method,body:body&&JSON.stringify(body),headers:body&&{"Content-Type":"applicati\
on/json"},cache:"no-store"}),checking=null,check=()=>void(checking??=checkSession().finally(()=>checking=
null));unauthorizedListeners.add(check);typeof addEventListener=="function"&&addEventListener("focus",
()=>session.get().required&&check());var DAY_MS=864e5,MINUTE_MS=6e4;function KeyCard({of:key,rotate,revoke}){let now=useNow(MINUTE_MS),isOver=key.
state==="revoked",facts=[["Id",html`<code>${key.id}</code>`],["Role",key.role],["User",key.user_id],
["Team",key.team_id],["Scopes",key.scopes?.join(", ")??"all of its role"],["Created",ago(key.created_at,
now)],["Last used",ago(key.last_used_at,now)||"never"],isOver?["Revoked",ago(key.revoked_at,now)]:["\
Expires",ahead(key.expires_at,now)]];return html`<li class=${`api-key ${key.state}`} data-key=${key.
id}>
    <div class="line">
      <b>${key.name}</b>
      <span class=${`state ${key.state}`}>${words(key.state)}</span>
      <span class="grow" />
      ${!isOver&&html`<button class="small" aria-label=${`Rotate ${key.name}`} onClick=${rotate}>
          Rotate
        </button>
        <button class="small bad" aria-label=${`Revoke ${key.name}`} onClick=${revoke}>
          Revoke
        </button>`}
    </div>
    <dl>
      ${facts.filter(([,value])=>value).map(([name,value])=>html`<div key=${name}>
              <dt>${name}</dt>
              <dd>${value}</dd>
            </div>`)}
    </dl>
  </li>`}function ahead(then,now){let days=Math.floor((Date.parse(then)-now)/DAY_MS);return Date.parse(
then)<=now?ago(then,now):days<1?"within a day":`in ${days} d`}var ROLES={viewer:"Viewer: reads",member:"Member: runs jobs",admin:"Admin: everything"},TERMS={"30d":"\
30 days","90d":"90 days","365d":"A year"};function NewKeyForm({show}){let[error,setError]=d2(""),[sending,
setSending]=d2(!1),onSubmit=async event=>{event.preventDefault(),setSending(!0),setError("");try{let wasOpen=isOpen2(),
created=await createKey(bodyOf2(new FormData(event.target)));wasOpen&&await logIn(created.key),show(
created)}catch(refused){setError(refused instanceof Error?refused.message:String(refused))}setSending(
!1)},first=isOpen2();return html`<details class="more" open=${first}>
    <summary>Create a key</summary>
    <form class="new-key" onSubmit=${onSubmit}>
      <${Field2} name="name" label="Name" help="What it is for" required />
      <${Choice}
        name="role"
        label="Role"
        options=${first?{admin:ROLES.admin}:ROLES}
        chosen=${first?"admin":"member"}
      />
      <${Choice} name="expires_in" label="Valid for" options=${TERMS} chosen="90d" />
      <${Field2} name="user_id" label="User" help="Empty: a user of its own" />
      <${Field2} name="team_id" label="Team" help="Of that user" />
      ${!first&&html`<${Scopes} />`}
      ${error&&html`<p class="note bad" role="alert">${error}</p>`}
      <div class="buttons">
        <button class="main" type="submit" disabled=${sending}>Create the key</button>
      </div>
    </form>
  </details>`}function bodyOf2(form){let texts=["name","role","expires_in","user_id","team_id"].map(
name=>[name,String(form.get(name)??"").trim()]),scopes=form.getAll("scopes"),body=Object.fromEntries(
texts.filter(([,text2])=>text2));return scopes.length?{...body,scopes}:body}function Field2({name,label,
help,required=!1}){return html`<div class="field">
    <label for=${`new-key-${name}`}>${label}</label>
    <input
      id=${`new-key-${name}`}
      name=${name}
      maxlength="200"
      required=${required}
      autocomplete="off"
      aria-describedby=${`new-key-${name}-help`}
    />
    <p class="help" id=${`new-key-${name}-help`}>${help}</p>
  </div>`}function Choice({name,label,options,chosen}){return html`<div class="field">
    <label for=${`new-key-${name}`}>${label}</label>
    <select id=${`new-key-${name}`} name=${name}>
      ${Object.entries(options).map(([value,text2])=>html`<option key=${value} value=${value} selected=${value===
chosen}>${text2}</option>`)}
    </select>
  </div>`}function Scopes(){let scopes=session.get().principal?.scopes??[];return html`<fieldset class="group scopes">
    <legend>Scopes</legend>
    <p class="help">None chosen: all that the role allows</p>
    ${scopes.map(scope=>html`<label key=${scope}>
          <input type="checkbox" name="scopes" value=${scope} /> <code>${scope}</code>
        </label>`)}
  </fieldset>`}function Secret({created:{name,id,key},close}){let box=T2(null);return A2(()=>box.current?.focus(),[
id,key]),html`<div class="note good new-secret" role="status" tabindex="-1" ref=${box}>
    <p><b>${name}</b> has a new secret. Copy it now: it is shown this once.</p>
    <${Command} text=${key} label="Copy the key" />
    <div class="buttons"><button class="small" onClick=${close}>I have copied it</button></div>
  </div>`}var POLL_INTERVAL_MS=5e3;function Keys(){let[keys,setKeys]=d2(null),[created,setCreated]=d2(null),read4=()=>apiKeys().
then(setKeys,()=>{}),show=key=>(setCreated(key),void read4());return A2(()=>{may("keys")&&read4();let timer=setInterval(
()=>document.hidden||!may("keys")||read4(),POLL_INTERVAL_MS);return()=>clearInterval(timer)},[]),may(
"keys")?html`<section class="keys-view" aria-label="Keys">
    <h1>Keys</h1>
    ${isOpen2()&&html`<p class="note">
      Everybody who reaches this server may use it. The first key closes it: from then on every
      request needs one.
    </p>`}
    ${created&&html`<${Secret} created=${created} close=${()=>setCreated(null)} />`}
    <${NewKeyForm} key=${created?.key} show=${show} />
    ${keys?html`<${KeyList} keys=${keys} show=${show} read=${read4} />`:html`<p class="soft">Loading…</p>`}
  </section>`:html`<section aria-label="Keys">
      <h1>Keys</h1>
      <p class="soft">Only admins manage API keys. Ask one for a key of your own.</p>
    </section>`}function KeyList({keys,show,read:read4}){if(!keys.length)return html`<p class="soft">There are no keys yet.</p>`;
let rotate=key=>act(key,ROTATE,async()=>show(await rotateKey(key.id))),revoke=key=>act(key,REVOKE,async()=>(await revokeKey(
key.id),void await read4()));return html`<ul class="api-keys" aria-label="API keys">
    ${keys.map(key=>html`<${KeyCard}
          key=${key.id}
          of=${key}
          rotate=${()=>rotate(key)}
          revoke=${()=>revoke(key)}
        />`)}
  </ul>`}var ROTATE={title:"Rotate",body:"It gets a new secret. The old one stays valid for 24 hours\
.",accept:"Rotate"},REVOKE={title:"Revoke",body:"Both of its secrets and all sessions that use it en\
d at once. Its jobs go on.",accept:"Revoke",danger:!0};async function act(key,question,run){let title=`${question.
title} ${key.name}?`,body=html`<p>${question.body}</p>`;await confirm2({...question,title,body})&&await run().
catch(error=>showError(key.id,error,`${key.name}: `))}function LoginPage(){let{required,principal,methods}=useStore(session);return required?html`<main class="login">
    <h1>Log in to Loresmith</h1>
    ${principal?html`<p class="soft">Your session has ended. You will come back to where you were.</p>`:
html`<p class="soft">This server requires a log-in.</p>`}
    ${providerError()&&html`<p class="note bad" role="alert">${providerError()}</p>`}
    ${methods.includes("oidc")&&html`<a class="button provider" href=${providerLink()}>Log in with single sign-on</a>
      <p class="soft">Or with an API key:</p>`}
    <${KeyForm} />
    <p class="soft">
      An admin makes keys on the view Keys, or with <code>loresmith keys create</code>.
    </p>
  </main>`:null}var ERROR="login_error",ERRORS={state:"The log-in took too long, or began in another\
 window. Try again.",denied:"The identity provider did not log you in. Try again, or use an API key.",
provider:"The identity provider does not answer. Try again later, or use an API key.",token:"The ide\
ntity provider sent an answer that is not for this server. Ask an admin.",role:"Your account has no \
role here. Ask the administrator of the identity provider for one."};function providerError(){let code=new URLSearchParams(
location.search).get(ERROR);return code===null?"":ERRORS[code]??ERRORS.token}function providerLink(){
let query=new URLSearchParams(location.search);return query.delete(ERROR),`session/oidc?return=${encodeURIComponent(
query.size?`?${query}`:"")}`}function KeyForm(){let[error,setError]=d2(""),[sending,setSending]=d2(!1),
input=T2(null);return A2(()=>input.current?.focus(),[]),html`<form onSubmit=${async event=>{if(event.
preventDefault(),sending)return;setSending(!0);let wrong=await logIn(input.current.value);setSending(
!1),setError(wrong),wrong&&input.current?.select()}}>
    <div class="field">
      <label for="key">API key</label>
      <input
        id="key"
        ref=${input}
        type="password"
        autocomplete="current-password"
        spellcheck="false"
        required
        maxlength="200"
        aria-invalid=${error?"true":null}
        aria-describedby="key-help"
      />
      <p class=${`help${error?" wrong":""}`} id="key-help" role=${error?"alert":null}>
        ${error||"It begins with lore_"}
      </p>
    </div>
    <div class="buttons">
      <button class="main" type="submit" disabled=${sending}>
        ${sending?"Logging in…":"Log in"}
      </button>
    </div>
  </form>`}function User(){let{principal,expires}=useStore(session);if(!principal||!expires)return null;
let until=new Date(expires).toLocaleString([],{dateStyle:"medium",timeStyle:"short"}),name=principal.
name||principal.user_id,onClick=()=>logOut().catch(error=>showError("log-out",error));return html`<span class="user" title=${`\
Role ${principal.role}, until ${until}`}>${name}</span>
    <button class="small" onClick=${onClick}>Log out</button>`}var WINDOWS={day:"Daily",week:"Weekly",month:"Monthly"};function BudgetCard({budget}){let{scope,id,window,
limit,spent,reserved,currency,resets_at:resetsAt}=budget,name=scope==="global"?"All jobs":`${words(scope)}\
 ${id}`,share=amount=>`${Math.min(100,limit>0?amount/limit*100:0)}%`,spentText=`${money(spent,currency)}\
 of ${money(limit,currency)}`;return html`<li class="budget">
    <div class="line">
      <b>${name}</b><span class="soft">${WINDOWS[window]??words(window??"")}</span>
    </div>
    <div
      class="meter"
      role="meter"
      aria-label=${name}
      aria-valuemin="0"
      aria-valuemax=${limit}
      aria-valuenow=${spent}
      aria-valuetext=${spentText}
    >
      <span class="spent" style=${{width:share(spent)}} />
      <span class="reserved" style=${{width:share(reserved)}} />
    </div>
    <p class="line">
      <span>${spentText}</span>
      ${reserved>0&&html`<span class="soft">${money(reserved,currency)} reserved</span>`}
      ${resetsAt&&html`<span class="soft">Resets ${dateTime(resetsAt)}</span>`}
    </p>
  </li>`}var dateTime=time=>new Date(time).toLocaleString([],{dateStyle:"medium",timeStyle:"short"});var POLL_INTERVAL_MS2=1e4;function UsageTable({by}){let reply=usePolled(()=>usage(by),POLL_INTERVAL_MS2);
if(!reply)return html`<p class="soft">Loading…</p>`;let{rows,total,currency,since,pending:pending2}=reply;
if(!rows.length)return html`<p class="soft">No spending yet.</p>`;let nameOf=({key})=>key===null?"–":
by==="type"?words(key):key,from=new Date(since).toLocaleDateString([],{dateStyle:"medium"});return html`<div class="scroll" tabindex="0" role="region" aria-label="Usage">
      <table>
        <thead>
          <tr>
            <th>${words(by)}</th>
            <th class="num">Jobs</th>
            <th class="num">Calls</th>
            <th class="num">Input tokens</th>
            <th class="num">Output tokens</th>
            <th class="num">Cost</th>
          </tr>
        </thead>
        <tbody>
          ${rows.map((row,i3)=>html`<${Row} key=${i3} name=${nameOf(row)} row=${row} currency=${currency} />`)}
        </tbody>
        ${rows.length>1&&html`<tfoot>
          <${Row} name="All" row=${total} currency=${currency} />
        </tfoot>`}
      </table>
    </div>
    <p class="soft">
      Jobs finished since ${from}, including deleted
      jobs.${total.unpriced_jobs>0&&` The cost is without ${count(total.unpriced_jobs)} jobs of unkn\
own price.`}${pending2!==null&&pending2>0&&` ${count(pending2)} more being processed.`}
    </p>`}function Row({name,row,currency}){let{jobs:jobs2,calls:calls2,tokens,cost,unknown_exposure:uncertain}=row;
return html`<tr>
    <td>${name}</td>
    ${[jobs2,calls2,tokens.input,tokens.output].map((number,i3)=>html`<td class="num" key=${i3}>${count(
number)}</td>`)}
    <td class="num">${uncertain>0?"up to ":""}${money(cost,currency)}</td>
  </tr>`}var POLL_INTERVAL_MS3=1e4,GROUPS=["day","type","model","user"],EXAMPLE={limit:10,window:"month"};function Spend(){
let[group,setGroup]=d2("day"),reply=usePolled(budgets,POLL_INTERVAL_MS3);return html`<section class="spend" aria-label="Spend">
    <h1>Spend</h1>
    ${reply&&(reply.budgets.length?html`<ul class="budgets">
          ${reply.budgets.map((budget,i3)=>html`<${BudgetCard} key=${i3} budget=${budget} />`)}
        </ul>`:html`<${NoBudgets} />`)}
    <div class="chips" role="group" aria-label="Usage by">
      ${GROUPS.map(name=>html`<button
            key=${name}
            class="chip"
            aria-pressed=${String(group===name)}
            onClick=${()=>setGroup(name)}
          >
            By ${name}
          </button>`)}
    </div>
    <${UsageTable} key=${group} by=${group} />
  </section>`}function NoBudgets(){return html`<div class="empty">
    <h2>No budgets</h2>
    <p>Spending is not limited. A budget sets a limit that is checked before a job is accepted:</p>
    <${Command} text=${curl("PUT",address("/budgets/global/all"),EXAMPLE)} />
  </div>`}var network={get:()=>client.network.snapshot(),subscribe:listener=>client.network.subscribe(listener)};
function NetworkStatus(){let{online,paused,since}=useStore(network),connected=online&&!paused,now=useNow(
1e3,!connected),status=connected?"Live":online?"Reconnecting…":"Offline",elapsed=since?Math.max(1,
Math.round((now-since)/1e3)):null;return html`<span class=${`network ${connected?"connected":"away"}`} title=${connected?
"Up to date":"Jobs keep running; reconnecting automatically"}>
    <span class="dot" aria-hidden="true" /><span role="status">${status}</span>
    ${!connected&&elapsed!==null&&html`<span aria-hidden="true">, for ${duration(elapsed)}</span>`}
  </span>`}var UNDO_MS=6e3;function deleteSoon(job){setHidden(job.id,!0),go({job:""});let timer=setTimeout(()=>void deleteNow(
job.id),UNDO_MS),undo=()=>(clearTimeout(timer),setHidden(job.id,!1)),text2=`Deleted: ${words(job.type)}\
, with its result`;showToast({key:`delete-${job.id}`,text:text2,action:{label:"Undo",run:undo}},UNDO_MS)}
async function deleteNow(id){try{await remove(id)}catch(error){setHidden(id,!1),showError(id,error,"\
Not deleted: ")}refreshSoon()}var RETRY_TWICE="Retry (may be charged twice)";async function retryWithConfirmation(job){let plan=await retryPlan(
job.id),doubtful=plan.possibly_duplicate_charges.length>0;await confirm2({title:"Retry this job?",body:html`<${Plan} plan=${plan} />`,
accept:doubtful?RETRY_TWICE:"Retry"})&&await retry(job.id,doubtful)}async function retry(id,acceptDuplicateCharge){
let handle=client.watch(id);try{await handle.retry(acceptDuplicateCharge?{accept_duplicate_charge:!0}:
{})}catch(error){if(!(error instanceof Refused)||error.status!==428||acceptDuplicateCharge)throw error;
let question={title:"Possible duplicate charge",body:html`<p>${error.message}</p>`,accept:RETRY_TWICE,
danger:!0};await confirm2(question)&&await retry(id,!0);return}announceEnd(handle),refreshSoon()}function Plan({
plan}){let{cached_steps:reused,steps_to_run:rerun,kept_items:partial,cost}=plan,doubtful=plan.possibly_duplicate_charges,
names=steps=>steps.map(words).join(", "),calls2=doubtful.length===1?"One call":`${doubtful.length} c\
alls`;return html`${reused.length>0&&html`<p><b>Already paid, reused:</b> ${names(reused)}.</p>`}
    ${partial.map(({step,count:count2,total})=>html`<p key=${step}><b>Kept:</b> ${count2} of ${total} items of ${words(
step)}.</p>`)}
    <p><b>Will run again:</b> ${rerun.length?names(rerun):"nothing"}.</p>
    ${rerun.length>0&&html`<p>${priceText(cost)}.</p>`}
    ${doubtful.length>0&&html`<p class="note bad">
      ${calls2} may have been charged although the answer was lost. A retry may be charged again.
    </p>`}`}function Actions({job}){let[busy,setBusy]=d2(""),run=(name,action)=>async()=>{setBusy(name),await action().
catch(error=>showError(`${job.id}-${name}`,error)),setBusy("")},ended=hasEnded(job),cancelling=!!busy||
job.phase==="cancelling",retryable=["failed","cancelled"].includes(job.status);return html`<div class="actions">
    ${!ended&&html`<button onClick=${run("cancel",()=>cancel(job))} disabled=${cancelling}>
      ${cancelling?"Cancelling…":"Cancel"}
    </button>`}
    ${retryable&&html`<button
      class="main"
      onClick=${run("retry",()=>retryWithConfirmation(job))}
      disabled=${!!busy}
    >
      ${busy==="retry"?"Loading…":"Retry"}
    </button>`}
    <${CopyButton}
      label="curl"
      title="Copy as a curl command"
      text=${curl("GET",address(`/jobs/${job.id}`))}
    />
    ${ended&&html`<button class="small bad" onClick=${()=>deleteSoon(job)}>Delete</button>`}
  </div>`}async function cancel(job){await client.watch(job.id).cancel(),refreshSoon()}function CachedNotice({job}){let[busy,setBusy]=d2(!1),{cache_hits:cached=0,calls:calls2=0}=job.usage??
{};if(!cached)return null;let onClick=async()=>{setBusy(!0),await generateAgain(job).catch(error=>showError(
`${job.id}-again`,error)),setBusy(!1)},text2=calls2?`Cached results for ${plural(cached,"call")} of ${cached+
calls2}. No charge for them.`:"Cached result from an identical job. No charge.";return html`<p class="note line cached">
    <span class="grow">${text2}</span>
    <button class="small" disabled=${busy} onClick=${onClick}>
      ${busy?"Submitting…":"Generate again"}
    </button>
  </p>`}async function generateAgain(job){let{type,session_id:session2,tags,model}=job,handle=submit(
{type,payload:await payload(job.id),options:{cache:"skip",...model?{model}:{}},...session2?{session_id:session2}:
{},...tags?.length?{tags}:{}});await openSubmitted(handle).catch(error=>{if(!(error instanceof Refused)||
error.status!==428)throw error})}var ERRORS2={cost_limit:["cost limit reached","Read the message. Give the api and the lore_service t\
he same prices and providers."],expired_before_start:["not started in time","Start a worker, then re\
try."],internal:["internal error","See the log of the worker."],job_type_unknown:["job type unknown",
"Start workers of the newer release, then retry."],llm_error:["model provider error","Retry. Finishe\
d steps are reused."],llm_outcome_unknown:["outcome of a model call unknown","The call may have been\
 charged and its answer was lost. It is not called again without your approval. Retry to approve a p\
ossible second charge."],llm_quota:["provider quota exceeded","Add credit, then retry."],llm_refused:[
"the model refused","Change what you ask for."],llm_unavailable:["model provider unavailable","Retry\
 later. Finished steps are reused."],not_cached:["no cached result","Submit the job again with Cache\
 set to “Use cached result if available”."],output_schema:["invalid model output","Retry, or use\
 a stronger model."],sink_error:["result not saved","Retry. The result is kept and is not generated \
again."],step_failed:["job type failed","Read the message, which is the job type's own."],http_failed:[
"request failed","Retry. Finished steps are reused."],timeout:["timed out","Ask for less in one job,\
 or set a longer options.timeout_s."],validation:["invalid payload","Submit a new job with a valid p\
ayload."],worker_lost:["worker lost too often","Check the System view, then retry."]};function ErrorPanel({
job}){let{code="",message=job.error??"",retryable}=job.error_detail??{},[title="",remedy=defaultRemedy(
retryable)]=ERRORS2[code]??[];return html`<div class="error-panel" role="alert">
    <h2>${title?`Failed: ${title}`:"Failed"}${code&&html` <code>${code}</code>`}</h2>
    <p>${message}</p>
    ${remedy&&html`<p class="remedy">${remedy}</p>`}
  </div>`}function defaultRemedy(retryable){return retryable===void 0?"":retryable?"A retry may help\
. Finished steps are reused.":"The same request will fail again."}function Facts({facts}){return html`<dl class="facts">
    ${facts.map(([name,value])=>html`<div key=${name}>
          <dt>${name}</dt>
          <dd>${value}</dd>
        </div>`)}
  </dl>`}var stepIndex=(steps,job,detail)=>steps.findIndex(({name,message})=>message?job.message.startsWith(message.
replace(/\.+$/,"")):name===detail?.step);function Steps({steps,current:current2}){let classOf=i3=>current2<
0||i3>current2?"later":i3<current2?"over":"now";return html`<ol class="steps" aria-label="Steps">
    ${steps.map(({name},i3)=>html`<li key=${name} class=${classOf(i3)} aria-current=${i3===current2?
"step":null}>
          ${words(name)}${i3<current2&&html`<span class="unseen">, finished</span>`}
        </li>`)}
  </ol>`}var OUTLOOK_INTERVAL_MS=4e3,WAITING={queued:"All workers are busy",no_worker:"No worker is running. \
Start one: python -m worker, or loresmith up",paused:"Paused by an administrator. The job starts whe\
n the queue is resumed",owner_concurrency:"As many of your jobs run as may at once",pool_closed:"The\
 model is busy. The job starts by itself",pool_requests:"The rate limit of the model is reached. The\
 job starts by itself",pool_tokens:"The token limit of the model is reached. The job starts by itsel\
f",pool_concurrency:"All places of the model are in use. The job starts by itself",suspended:"The qu\
eue is suspended. Resume it: rq resume",next_try:"Waiting for the next attempt",recovering:"The work\
er was lost; another one takes over",rate_limited:"The provider's rate limit is reached. The job goe\
s on by itself",waiting_provider:"The provider does not answer. The job goes on by itself",waiting_archive:"\
The database does not answer. The job goes on by itself",waiting_version:"Waiting for workers of a n\
ewer release"};function Progress({job,type}){let ended=hasEnded(job),now=useNow(1e3,!ended);return html`<div class="progress">
    ${ended?html`<${Facts} facts=${endFacts(job,now)} />`:html`<${Running} key=${job.attempt} job=${job} now=${now} type=${type} />`}
    <p class="unseen" role="status">${statusWord(job.status)}${ended?"":`, ${job.message}`}</p>
  </div>`}function Running({job,now,type}){let polled=usePolled(()=>outlook(job.id),OUTLOOK_INTERVAL_MS),
{progress_detail:detail,waiting}=polled??job,eta=detail?.eta_s,estimatedAt=w2(()=>Date.now(),[eta?.p50,
eta?.p90]),remaining=detail?.overdue?"longer than usual":remainingTime(eta,now-estimatedAt),elapsed=between(
job.started_at??job.created_at,new Date(now).toISOString()),source=job.progress_source??"simulated";
return html`<div class="line">
      <span class="message">${job.message}</span><b class="percent">${job.progress} %</b>
    </div>
    <${ProgressBar} progress=${job.progress} source=${source} label=${job.message} />
    <p class="soft line">
      <span>${[progressBasis(source,detail),remaining].filter(Boolean).join(" · ")}</span>
      <span>${duration(elapsed===null?null:Math.floor(elapsed))}</span>
    </p>
    ${job.status==="pending"&&waiting&&html`<p class="note">${waitingText(waiting)}</p>`}
    ${type&&type.steps.length>1&&html`<${Steps} steps=${type.steps} current=${stepIndex(type.steps,job,
detail)} />`}`}function waitingText({reason,position,expected_start_in_s:seconds}){return[`${WAITING[reason]??
reason}.`,position&&`Position ${position} in the queue.`,seconds!==null&&seconds>=1&&`Starts in abou\
t ${duration(seconds)}.`].filter(Boolean).join(" ")}function endFacts(job,now){let ran=between(job.started_at,
job.completed_at),waited=between(job.created_at,job.started_at);return[["Ended",ago(job.completed_at,
now)],["Reason",job.cancel_reason??""],["Cancelled by",job.cancelled_by??""],["Content",job.content_removed_at?
`removed ${ago(job.content_removed_at,now)}`:""],["Ran for",ran===null?"":duration(ran)],["Waited",waited!==
null&&waited>=1?duration(waited):""],["Cost",job.cost?finalCost(job.cost):""],["Attempts",job.attempt>
1?String(job.attempt):""],["Model",job.model??""],["Expires",job.expires_at?dateTime2(job.expires_at):
""]].filter(([,value])=>value)}var dateTime2=time=>new Date(time).toLocaleString([],{dateStyle:"medi\
um",timeStyle:"short"});var TYPES=["prompt","chat_completion","response"],isAnswer=({type})=>TYPES.includes(type),answerOf=result=>"\
output"in result?result:{...result,text:result.content??result.refusal??"",output:null};function Answer({
job}){let{text:text2,output,finish_reason,tool_calls:calls2}=answerOf(job.result),json=text2===null&&
!calls2.length?JSON.stringify(output,null,2):null;return html`${finish_reason==="length"&&html`<${Cut} tokens=${job.
usage?.output_tokens} />`}
  ${json!==null&&html`<${Block} text=${json} kind="json" copy="Copy JSON" />`}
  ${text2&&html`<${Block} text=${text2} kind="answer" copy="Copy text" />`}
  ${calls2.map(call=>html`<section key=${call.id}>
        <h3 class="small-title">Calls ${call.name}</h3>
        <${Block} text=${indented(call.arguments)} kind="json" copy="Copy arguments" />
      </section>`)}
  ${!text2&&json===null&&!calls2.length&&html`<p class="soft">The answer is empty.</p>`}`}var AnswerSoFar=({
text:text2})=>html`<div class="answer">${text2}</div>`;function Cut({tokens}){let length=tokens?`at ${count(
tokens)} tokens`:"at the maximum length";return html`<p class="note">Cut ${length}. Allow more with Max output tokens.</p>`}
function Block({text:text2,kind,copy}){return html`<div class="block">
    <${CopyButton} text=${text2} label=${copy} />
    ${kind==="json"?html`<pre class="json" tabindex="0">${text2}</pre>`:html`<div class="answer">${text2}</div>`}
  </div>`}function indented(text2){try{return JSON.stringify(JSON.parse(text2),null,2)}catch{return text2}}function useLoaded(load2,version){let[answer,setAnswer]=d2(void 0);return A2(()=>{let left=!1;return load2().
then(next=>left||setAnswer(()=>next),()=>left||setAnswer(null)),()=>void(left=!0)},[version]),answer}function CallsTab({job}){let rows=useLoaded(()=>calls(job.id),`${job.status}${job.attempt}`)?.calls??
[],facts=factsOf(job);return html`${facts.length?html`<${Facts} facts=${facts} />`:html`<p class="soft">No model call yet.</p>`}
  ${rows.length>0&&html`<div class="scroll" tabindex="0" role="region" aria-label="Calls">
    <table>
      <thead>
        <tr>
          <th>Call</th>
          <th>Model</th>
          <th>Outcome</th>
          <th class="num">Input</th>
          <th class="num">Output</th>
          <th class="num">Took</th>
          <th class="num">Cost</th>
        </tr>
      </thead>
      <tbody>
        ${rows.map(call=>html`<${CallRow} key=${call.call_id} call=${call} />`)}
      </tbody>
    </table>
  </div>`}`}function factsOf(job){let{cost}=job,usage2=job.usage,amount=value=>value==null?null:money(
value,cost.currency);return[["Calls",usage2&&count(usage2.calls)],["Cached results",usage2?.cache_hits&&
count(usage2.cache_hits)],["Input tokens",usage2&&count(usage2.input_tokens)],["Output tokens",usage2&&
count(usage2.output_tokens)],["Cached tokens",usage2?.cached_tokens&&count(usage2.cached_tokens)],["\
Cost",cost&&finalCost(cost)],["Reserved",cost?.reserved?amount(cost.reserved):null],["Estimated",amount(
cost?.estimate)],["Max cost",cost?.estimate_max?amount(cost.estimate_max):null]].filter(([,value])=>value)}
function CallRow({call}){let{step,model,tokens,cost,upper_bound:maximum}=call;return html`<tr>
    <td>${stepName(step)}</td>
    <td>${model}</td>
    <td>${outcome(call)}</td>
    <td class="num">${tokens?count(tokens.input):"–"}</td>
    <td class="num">${tokens?count(tokens.output):"–"}</td>
    <td class="num">${duration(between(call.started_at,call.settled_at))}</td>
    <td class="num">
      ${cost!==null?money(cost):maximum!==null?`up to ${money(maximum)}`:"–"}
    </td>
  </tr>`}function stepName(step){let[name,detail]=step.split("~");return detail?`${words(name)} (${detail}\
)`:words(name)}function outcome({cached,repaired,state}){return cached?"cached result":repaired?`${state}\
, repaired for free`:state==="intent"?"running":state}var MAX_SHOWN=2e5;function JsonTab({job}){let text2=JSON.stringify(job,null,2),left=text2.length-MAX_SHOWN,
shown=left>0?`${text2.slice(0,MAX_SHOWN)}
… ${count(left)} more characters: use Download`:text2,path=`/jobs/${job.id}`;return html`<${Command} text=${curl(
"GET",address(path))} label="Copy as curl" />
    <div class="line raw">
      <h3 class="small-title">The job</h3>
      <span class="grow" />
      <${CopyButton} label="Copy JSON" text=${text2} />
      <a class="button small" href=${address(path)} download=${`${job.id}.json`}>Download</a>
    </div>
    <pre class="json" tabindex="0">${shown}</pre>`}function parsePartial(text2){let start2=text2.search(/[[{]/);if(start2<0)return;let{closed,cut}=complete(
text2.slice(start2));for(let candidate of[closed,cut])try{return JSON.parse(candidate)}catch{continue}}
function complete(text2){let open2=[],inString=!1,escaped=!1,lastComplete={at:0,open:[]};for(let at=0;at<
text2.length;at+=1){let char=text2[at];if(escaped)escaped=!1;else if(inString&&char==="\\")escaped=!0;else if(char===
'"')inString=!inString;else if(!inString&&(char==="{"||char==="["))open2.push(char==="{"?"}":"]"),lastComplete=
{at:at+1,open:[...open2]};else if(!inString&&(char==="}"||char==="]")){if(open2.pop(),lastComplete={
at:at+1,open:[...open2]},!open2.length)return{closed:text2.slice(0,at+1),cut:text2.slice(0,at+1)}}else
!inString&&char===","&&(lastComplete={at,open:[...open2]})}let closersOf=brackets=>[...brackets].reverse().
join(""),whole2=text2.replace(/\\(u[0-9a-f]{0,3})?$/i,escape2=>inString?"":escape2);return{closed:(inString?
`${whole2}"`:whole2.replace(/[,\s]+$/,""))+closersOf(open2),cut:text2.slice(0,lastComplete.at)+closersOf(
lastComplete.open)}}var PAGE_SIZE2=50,MAX_TEXT=2e3,OPEN_DEPTH=2;function ValueTree({value,depth=0}){if(typeof value=="st\
ring")return html`<${Text} text=${value} />`;if(value==null)return html`<span class="nothing">none</span>`;
if(typeof value=="boolean")return html`<span class="scalar">${value?"yes":"no"}</span>`;if(typeof value!=
"object")return html`<span class="scalar">${String(value)}</span>`;let entries=Object.entries(value);
return entries.length?html`<${Branch} entries=${entries} isList=${Array.isArray(value)} depth=${depth} />`:
html`<span class="nothing">empty</span>`}function Branch({entries,isList,depth}){let[shown,setShown]=d2(
PAGE_SIZE2);return html`<ul class="tree">
    ${entries.slice(0,shown).map(([key,value])=>{let name=isList?`${Number(key)+1}`:words(key);return html`<li key=${key}>
        <${Entry} name=${name} value=${value} depth=${depth} />
      </li>`})}
    ${entries.length>shown&&html`<li>
      <button class="small" onClick=${()=>setShown(shown+PAGE_SIZE2*4)}>
        ${entries.length-shown} more
      </button>
    </li>`}
  </ul>`}function Entry({name,value,depth}){let[open2,setOpen]=d2(depth<OPEN_DEPTH);return typeof value!=
"object"||value===null?html`<span class="label">${name}</span> <${ValueTree} value=${value} />`:html`<details open=${open2} onToggle=${event=>setOpen(
event.currentTarget.open)}>
    <summary>
      <span class="label">${name}</span> <span class="nothing">${Object.keys(value).length}</span>
    </summary>
    ${open2&&html`<${ValueTree} value=${value} depth=${depth+1} />`}
  </details>`}function Text({text:text2}){let[whole2,setWhole]=d2(text2.length<=MAX_TEXT);return whole2?
html`<span class="scalar">${text2}</span>`:html`<span class="scalar"
    >${text2.slice(0,MAX_TEXT)}…${" "}
    <button class="small" onClick=${()=>setWhole(!0)}>all ${text2.length} characters</button>
  </span>`}var TITLE_KEYS=["name","title"],LORE=["settings","factions","characters","relics","events"],isRecord=value=>typeof value==
"object"&&value!==null&&!Array.isArray(value),titleKey=value=>TITLE_KEYS.find(key=>typeof value[key]==
"string"&&value[key]),isEntity=value=>isRecord(value)&&titleKey(value)!==void 0,isEntityList=value=>Array.
isArray(value)&&value.length>0&&value.every(isEntity),isWorld=value=>isRecord(value)&&isRecord(value.
outline)&&LORE.some(key=>isEntityList(value[key]));var SHORT_TEXT=90,SUBTITLE_KEYS=["role","type","kind","species","date","age","era"],LEAD_KEYS=["desc\
ription","summary","text"],SECRET_KEYS=["secret","hidden","twist"];function cardLayout(entity){let title=titleKey(
entity)??"",lead=LEAD_KEYS.find(key=>typeof entity[key]=="string")??"",subtitle=SUBTITLE_KEYS.filter(
key=>isShort(entity[key])),placed=[title,lead,...subtitle],rest=Object.entries(entity).filter(([key,
value])=>!placed.includes(key)&&!isEmpty(value)),chips=rest.filter(([,value])=>Array.isArray(value)&&
value.every(isShortText)),secrets=rest.filter(([key,value])=>SECRET_KEYS.includes(key)&&typeof value==
"string");return{title:entity[title]??"",lead:entity[lead]??"",subtitle:subtitle.map(key=>key==="age"?
`${entity.age} years`:String(entity[key])),chips,lines:rest.filter(entry=>!chips.includes(entry)&&!secrets.
includes(entry)),secrets}}var isShort=value=>["string","number"].includes(typeof value)&&String(value).
length<=SHORT_TEXT,isShortText=value=>typeof value=="string"&&value.length<=SHORT_TEXT,isEmpty=value=>value==
null||value===""||Array.isArray(value)&&!value.length;var PAGE_SIZE3=60;function Cards({entities}){let[shown,setShown]=d2(PAGE_SIZE3);return html`<div class="cards">
      ${entities.slice(0,shown).map((entity,i3)=>html`<${Card} key=${i3} entity=${entity} />`)}
    </div>
    ${entities.length>shown&&html`<button onClick=${()=>setShown(shown+PAGE_SIZE3)}>
      Show more of ${entities.length}
    </button>`}`}function Card({entity}){let{title,subtitle,lead,chips,lines,secrets}=cardLayout(entity);
return html`<article class="card">
    <h4>${title}</h4>
    ${subtitle.length>0&&html`<p class="kicker">${subtitle.join(" · ")}</p>`}
    ${lead&&html`<${Prose} text=${lead} />`}
    ${chips.map(([name,values])=>html`<div class="tags" key=${name}>
          <span class="label">${words(name)}</span>
          <ul>
            ${values.map((value,i3)=>html`<li key=${i3}>${value}</li>`)}
          </ul>
        </div>`)}
    ${lines.length>0&&html`<dl>
      ${lines.map(([name,value])=>html`<div key=${name}>
            <dt>${words(name)}</dt>
            <dd>${isScalar(value)?String(value):html`<${ValueTree} value=${value} />`}</dd>
          </div>`)}
    </dl>`}
    ${secrets.map(([name,text2])=>html`<details key=${name} class="secret">
          <summary>${words(name)}</summary>
          <p>${text2}</p>
        </details>`)}
  </article>`}var isScalar=value=>["string","number"].includes(typeof value);function Prose({text:text2}){
return text2.split(/\n{2,}/).map((paragraph,i3)=>html`<p key=${i3} class="prose">${paragraph}</p>`)}var OUTLINE=["geography","history","magic","conflict"],PARTS=[["settings","Places"],["factions","Fac\
tions"],["characters","Characters"],["relics","Relics"],["events","Events"]];function World({world}){
let{outline,story}=world,parts=PARTS.filter(([name])=>isEntityList(world[name])),chapters=Array.isArray(
story?.chapters)?story.chapters:[];return html`<article class="world lore">
    <header>
      <p class="kicker">${text(world.theme)}</p>
      <h2>${text(world.title)||"A world"}</h2>
      <p class="lead">${text(world.premise??outline.premise)}</p>
      ${Array.isArray(outline.themes)&&html`<ul class="themes">
        ${outline.themes.map((one,i3)=>html`<li key=${i3}>${text(one)}</li>`)}
      </ul>`}
    </header>
    <nav aria-label="Parts of this world" class="parts">
      ${parts.map(([name,label])=>html`<${JumpTo}
            key=${name}
            id=${`world-${name}`}
            label=${`${label} ${world[name].length}`}
          />`)}
      ${chapters.length>0&&html`<${JumpTo} id="world-story" label="Story" />`}
    </nav>
    <div class="outline">
      ${OUTLINE.filter(name=>text(outline[name])).map(name=>html`<section key=${name}>
            <h3>${words(name)}</h3>
            <${Prose} text=${text(outline[name])} />
          </section>`)}
    </div>
    ${parts.map(([name,label])=>html`<section key=${name} id=${`world-${name}`} tabindex="-1">
          <h3>${label}</h3>
          <${Cards} entities=${world[name]} />
        </section>`)}
    ${chapters.length>0&&html`<section class="story" id="world-story" tabindex="-1">
      <h3>${text(story.title)||"Story"}</h3>
      ${chapters.map((one,i3)=>html`<section key=${i3}>
            <h4>${text(one?.title)}</h4>
            <${Prose} text=${text(one?.text)} />
          </section>`)}
      ${text(story.ending)&&html`<div class="ending"><${Prose} text=${text(story.ending)} /></div>`}
    </section>`}
  </article>`}function JumpTo({id,label}){return html`<button type="button" class="chip" onClick=${()=>{
let target=document.getElementById(id);target?.scrollIntoView({block:"start"}),target?.focus({preventScroll:!0})}}>${label}</button>`}
var text=value=>typeof value=="string"||typeof value=="number"?String(value):"";function Result({value}){if(isWorld(value))return html`<${World} world=${value} />`;if(isEntityList(
value))return html`<${Cards} entities=${value} />`;if(!isRecord(value))return html`<div class="lore"><${ValueTree} value=${value} /></div>`;
let keys=Object.keys(value);return keys.length===1&&isEntityList(value[keys[0]])?html`<${Cards} entities=${value[keys[0]]} />`:
isEntity(value)?html`<div class="cards one"><${Card} entity=${value} /></div>`:html`<div class="lore">
    ${keys.map(key=>html`<section key=${key}>
          <h3>${words(key)}</h3>
          <${Member} value=${value[key]} />
        </section>`)}
  </div>`}function Member({value}){return isEntityList(value)?html`<${Cards} entities=${value} />`:typeof value==
"string"?html`<${Prose} text=${value} />`:html`<${ValueTree} value=${value} />`}function LiveOutput({job,partial}){let isText=isAnswer(job),parsed3=partial.text&&!isText?parsePartial(
partial.text):void 0,items=partial.items.length?partial.items.filter(Boolean):void 0,value=parsed3??
items;if(value===void 0&&!partial.text){let pending2=job.status==="pending";return html`<div class="live waiting" aria-busy="true">
      <p class="soft">
        ${pending2?"Not started yet. Output will appear here.":"Waiting for the first output."}
      </p>
    </div>`}return html`<div class="live" aria-busy="true">
    ${isText?html`<${AnswerSoFar} text=${partial.text} />`:value===void 0?html`<pre>${partial.text}</pre>`:
html`<${Result} value=${value} />`}
    <p class="soft writing">Generating<span class="dots" aria-hidden="true" /></p>
  </div>`}function PartialOutput({job,partial}){let output=job.partial_result??partial,value=isAnswer(job)?output.
text||void 0:outputOf(output);return value===void 0?html`<div class="empty">
      <h2>No output</h2>
      <p>The job ended before any output was generated.</p>
    </div>`:html`<p class="note">Partial output, up to the point where the job stopped.</p>
    ${isAnswer(job)?html`<${AnswerSoFar} text=${value} />`:html`<${Result} value=${value} />`}`}function outputOf(partial){
if(typeof partial!="object"||partial===null)return;let{text:text2,items}=partial;return Array.isArray(
items)&&items.length?items:text2?parsePartial(text2)??text2:!("text"in partial)&&Object.keys(partial).
length?partial:void 0}function RequestTab({job}){let loaded=useLoaded(()=>payload(job.id),job.id);if(loaded===void 0)return html`<p class="soft">Loading…</p>`;
let{model,priority}=job,options={...model?{model}:{},...priority&&priority!=="normal"?{priority}:{}},
body={type:job.type,payload:loaded??{},...Object.keys(options).length?{options}:{}};return html`<${ValueTree} value=${loaded??
{}} />
    ${job.tags?.length>0&&html`<p class="soft">Tags: ${job.tags.join(", ")}</p>`}
    <h3 class="small-title">Run again with curl</h3>
    <${Command} text=${curl("POST",address("/jobs"),body)} label="Copy as curl" />`}var ONLY_STEP="generate",TEXTS={created:({by})=>["Accepted",who(by)],status:({phase,status,message,attempt,
cancel_reason,by})=>[words(phase??statusWord(status)),[message,cancel_reason,who(by),attempt>1?`atte\
mpt ${attempt}`:""].filter(Boolean).join(" · ")],step:({step,state})=>[`${words(step)}: ${state}`,""],
item:({item,index,step})=>[item?.name??item?.title??`Item ${index+1}`,step&&step!==ONLY_STEP?words(step):
""],done:({status,message,cancel_reason,by})=>[words(statusWord(status)),[message,cancel_reason,who(
by)].filter(Boolean).join(" · ")]};function who(by){return by?`by ${by}`:""}function toEntry(event,id){
let texts=TEXTS[event.type];if(!texts||event.type==="step"&&event.step===ONLY_STEP)return null;let[title,
detail]=texts(event),bad="status"in event&&event.status==="failed";return{at:Number(id.split("-")[0]),
type:event.type,title,detail,bad}}var MAX_ENTRIES=300,MIN_GAP_MS=5e3;function Timeline({job}){let[entries,setEntries]=d2(null);if(A2(()=>{
let stop=new AbortController,first=toEntry({type:"created"},String(Date.parse(job.created_at)));return readEntries(
job.id,stop.signal,rest=>setEntries([first,...rest])),()=>stop.abort()},[job.id]),!entries)return html`<p class="soft">Loading…</p>`;
let start2=entries[0].at,shown=entries.slice(-MAX_ENTRIES);return html`<ol class="timeline">
    ${shown.map((entry,i3)=>html`<${TimelineEntry}
          key=${i3}
          entry=${entry}
          offset=${i3?entry.at-start2:null}
          gap=${shown[i3+1]?shown[i3+1].at-entry.at:0}
        />`)}
  </ol>`}function TimelineEntry({entry:{at,type,title,detail,bad},offset,gap}){let time=new Date(at);
return html`<li class=${`${type}${bad?" bad":""}`}>
    <time datetime=${time.toISOString()} title=${time.toLocaleString()}>
      ${offset===null?time.toLocaleTimeString():`+${duration(offset/1e3)}`}
    </time>
    <div>
      <b>${title}</b>${detail&&html`<span class="soft"> ${detail}</span>`}
      ${gap>MIN_GAP_MS&&html`<span class="gap">${duration(gap/1e3)}</span>`}
    </div>
  </li>`}async function readEntries(id,signal,show){let entries=[],frame=0,onEvent=(event,eventId)=>{
let entry=eventId?toEntry(event,eventId):null;entry&&(entries=[...entries,entry]),frame||=requestAnimationFrame(
()=>(frame=0,signal.aborted||show(entries)))},path=`/jobs/${encodeURIComponent(id)}/events?starting_\
after=1&deltas=0`;await readStream(client.http,path,{signal,onEvent}),signal.aborted||show(entries)}var TABS=[["","Result"],["timeline","Timeline"],["calls","Calls and cost"],["request","Request"],["j\
son","JSON"]],STEPS={ArrowRight:1,ArrowLeft:-1},elementId=name=>`tab-${name||"result"}`,open=name=>go(
{tab:name},{replace:!0});function Tabs({tab,running}){return html`<div class="tabs" role="tablist" aria-label="About this job" onKeyDown=${event=>{
let step=STEPS[event.key];if(!step)return;let index=TABS.findIndex(([name])=>name===tab),[next]=TABS[(index+
step+TABS.length)%TABS.length];open(next),document.getElementById(elementId(next))?.focus()}}>
    ${TABS.map(([name,label])=>html`<button
          key=${name}
          role="tab"
          id=${elementId(name)}
          aria-controls="tabpanel"
          aria-selected=${String(tab===name)}
          tabindex=${tab===name?0:-1}
          onClick=${()=>open(name)}
        >
          ${name===""&&running?"Live":label}
        </button>`)}
  </div>`}function TabContent({tab,job,partial}){return html`<div
    class="tab"
    role="tabpanel"
    id="tabpanel"
    aria-labelledby=${elementId(tab)}
    tabindex="0"
  >
    ${contentOf(tab,job,partial)}
  </div>`}function contentOf(tab,job,partial){if(tab==="timeline")return html`<${Timeline} key=${job.
attempt} job=${job} />`;if(tab==="calls")return html`<${CallsTab} job=${job} />`;if(tab==="request")
return html`<${RequestTab} job=${job} />`;if(tab==="json")return html`<${JsonTab} job=${job} />`;if(job.
result!==null&&job.result!==void 0)return isAnswer(job)?html`<${Answer} job=${job} />`:html`<${Result} value=${job.
result} />`;let output=hasEnded(job)?PartialOutput:LiveOutput;return html`<${output} job=${job} partial=${partial} />`}function useJob(id){let[state,setState]=d2(()=>client.watch(id).snapshot());return A2(()=>{let handle=client.
watch(id);setState(handle.snapshot());let unsubscribe=handle.subscribe(setState);return()=>{unsubscribe(),
isOwn(id)||handle.detach()}},[id]),state}function Panel({id,types}){let state=useJob(id),header=T2(null);
A2(()=>void(matchMedia("(max-width: 60rem)").matches&&header.current?.focus()),[]);let{job,connection}=state,
lost=["gone","expired","refused"].includes(connection),type=types.find(one=>one.type===job?.type);return html`<section class="panel" aria-label="Job">
    <header ref=${header} tabindex="-1">
      <div>
        <h1>${type?.title??words(job?.type??"Job")}</h1>
        <p class="soft">
          <code title=${id}>${shortId(id)}</code>
          ${job&&html`${" "}<span class=${`badge ${job.status}`}>${statusWord(job.status)}</span>`}
          ${job?.session_id&&html`${" "}<span class="soft">${job.session_id}</span>`}
          ${job?.priority&&job.priority!=="normal"&&html`${" "}<span class="badge">${job.priority}</span>`}
          ${connection==="paused"&&html`${" "}<span class="badge away">reconnecting…</span>`}
        </p>
        ${job?.title&&html`<p class="asked">${job.title}</p>`}
      </div>
      ${!lost&&job&&html`<${Actions} job=${job} />`}
      <button class="small close" aria-label="Close" onClick=${closePanel}>✕</button>
    </header>
    ${lost?html`<${NotFound} />`:job?html`<${Body} job=${job} partial=${state.partial} type=${type} />`:
html`<p class="soft" aria-busy="true">Loading…</p>`}
  </section>`}function Body({job,partial,type}){let{tab}=useStore(route);return html`<${Progress} job=${job} type=${type} />
    ${job.status==="failed"&&html`<${ErrorPanel} job=${job} />`}
    ${job.status==="completed"&&html`<${CachedNotice} job=${job} />`}
    <${Tabs} tab=${tab} running=${!hasEnded(job)} />
    <${TabContent} tab=${tab} job=${job} partial=${partial} />`}function NotFound(){return html`<div class="empty">
    <h2>Job not found</h2>
    <p>
      Finished jobs are kept for a limited time, 24 hours by default. It may have been deleted, or
      the ID may be incomplete. Saved worlds remain: <code>GET /worlds</code>.
    </p>
    <button onClick=${()=>go({job:""})}>All jobs</button>
  </div>`}function Tiles({tiles}){return html`<dl class="tiles">
    ${tiles.map(([name,value])=>html`<div key=${name}>
          <dt>${name}</dt>
          <dd>${value}</dd>
        </div>`)}
  </dl>`}var POLL_INTERVAL_MS4=5e3;function Queue(){let state=usePolled(queue,POLL_INTERVAL_MS4),[changed2,setChanged]=d2(
null);if(!state)return null;let paused=changed2?.since===state?changed2.paused:state.paused,change=reply=>void reply.
then(paused2=>setChanged({paused:paused2,since:state}),error=>showError("queue",error)),tiles=[["Wai\
ting",count(state.waiting)],["Running",count(state.running)],["Workers",count(state.workers.length)],
["Workers wanted",count(state.wanted_workers)]];return html`<h2>Queue</h2>
    ${paused.map(pause=>html`<${PauseNote} key=${keyOf(pause)} pause=${pause} change=${change} />`)}
    <${Tiles} tiles=${tiles} />
    ${state.pools.length>0&&html`<${Pools} pools=${state.pools} />`}
    ${state.owners.length>0&&html`<${Owners} owners=${state.owners} />`}
    ${!paused.some(({scope})=>scope==="all")&&html`<div class="buttons">
      <button class="small" onClick=${()=>change(pauseQueue({scope:"all"}))}>
        Pause the queue
      </button>
    </div>`}`}var keyOf=({scope,name})=>`${scope}:${name??""}`;function PauseNote({pause:{scope,name,
by,reason},change}){let what=scope==="all"?"All jobs":`${words(scope)} ${name}`;return html`<p class="note bad">
    ${what} paused by ${by}${reason&&`: ${reason}`}. Running jobs go on.${" "}
    <button class="small" onClick=${()=>change(resumeQueue({scope,name}))}>Resume</button>
  </p>`}function Pools({pools}){return html`<div class="scroll" tabindex="0" role="region" aria-label="Waiting by model">
    <table>
      <thead>
        <tr>
          <th>Model</th>
          <th class="num">Waiting</th>
          <th class="num">Calls</th>
          <th>Held back by</th>
        </tr>
      </thead>
      <tbody>
        ${pools.map(({pool,waiting,running,reason})=>html`<tr key=${pool}>
              <td>${pool}</td>
              <td class="num">${count(waiting)}</td>
              <td class="num">${count(running)}</td>
              <td>${reason??"–"}</td>
            </tr>`)}
      </tbody>
    </table>
  </div>`}function Owners({owners}){return html`<div class="scroll" tabindex="0" role="region" aria-label="Waiting by owner">
    <table>
      <thead>
        <tr>
          <th>Owner</th>
          <th class="num">Waiting</th>
          <th class="num">Running</th>
          <th class="num">Longest wait</th>
        </tr>
      </thead>
      <tbody>
        ${owners.map(({owner,waiting,running,longest_wait_s:wait})=>html`<tr key=${owner}>
              <td>${owner}</td>
              <td class="num">${count(waiting)}</td>
              <td class="num">${count(running)}</td>
              <td class="num">${duration(wait)}</td>
            </tr>`)}
      </tbody>
    </table>
  </div>`}function Statistics({statistics}){let{counts,success_rate:rate,running_s:running,waiting_s:waiting}=statistics,
{recovered,by_type:byType}=statistics,tiles=[["Running",count(counts.processing)],["Waiting",count(counts.
pending)],["Done",count(counts.completed)],["Failed",count(counts.failed)],["Success",rate===null?"–":
`${(rate*100).toFixed(rate===1?0:1)} %`],["Median run",running?duration(running.p50):"–"],["Median\
 wait",waiting?duration(waiting.p50):"–"],["Recovered after a crash",`${recovered.completed} of ${recovered.
jobs}`]];return html`<h2>The last 24 hours</h2>
    <${Tiles} tiles=${tiles} />
    ${Object.keys(byType).length>0&&html`<${ByType} types=${byType} />`}`}function ByType({types}){return html`<div class="scroll" tabindex="0" role="region" aria-label="By type">
    <table>
      <thead>
        <tr>
          <th>Type</th>
          <th class="num">Ended</th>
          <th class="num">Done</th>
          <th class="num">Median</th>
          <th class="num">p90</th>
          <th class="num">p99</th>
        </tr>
      </thead>
      <tbody>
        ${Object.entries(types).map(([name,{ended,completed,running_s:running}])=>html`<tr key=${name}>
              <td>${words(name)}</td>
              <td class="num">${count(ended)}</td>
              <td class="num">${count(completed)}</td>
              ${[running?.p50,running?.p90,running?.p99].map((seconds,i3)=>html`<td class="num" key=${i3}>${running?
duration(seconds):"–"}</td>`)}
            </tr>`)}
      </tbody>
    </table>
  </div>`}var POLL_INTERVAL_MS5=5e3,REMEDIES={workers:["Jobs are accepted but wait. Start a worker:","python -\
m worker"],lore_service:["No model can be called. Start the service:","python -m lore_service"],redis:[
"No job can be accepted. Start Redis, or set its address:","REDIS_URL=redis://127.0.0.1:6379/0 pytho\
n -m api"]};function System(){let state=usePolled(checks,POLL_INTERVAL_MS5),statistics=usePolled(stats,
POLL_INTERVAL_MS5);return html`<section class="system" aria-label="System">
    <h1>System</h1>
    ${state?html`<${Checks} ...${state} />`:html`<p class="soft">Loading…</p>`}
    ${may("queue")&&html`<${Queue} />`}
    ${statistics&&html`<${Statistics} statistics=${statistics} />`}
    <p class="soft"><a href="docs">API reference, with curl examples</a></p>
  </section>`}function Checks({status,checks:checks2}){let ok=status==="ok";return html`<p class=${`\
note ${ok?"good":"bad"}`} role="status">
      ${ok?"All systems operational":"Degraded: see below. New jobs will wait."}
    </p>
    <ul class="checks">
      ${Object.entries(checks2).map(([name,check2])=>html`<${CheckRow} key=${name} name=${name} check=${check2} />`)}
    </ul>`}function CheckRow({name,check:{ok,detail}}){let[remedy,command]=!ok&&REMEDIES[name]||[];return html`<li class=${ok?
"ok":"bad"}>
    <span class="mark" aria-hidden="true">${ok?"✓":"!"}</span>
    <div>
      <b>${words(name)}</b><span class="unseen">: ${ok?"OK":"failing"}</span>
      <p>${detail}</p>
      ${remedy&&html`<p>${remedy}</p>
        <${Command} text=${command} />`}
    </div>
  </li>`}function App(){let{view,job,newType}=useStore(route),{logIns}=useStore(session),[types,setTypes]=d2(
[]),[help,setHelp]=d2(!1),cursor=w2(()=>({at:-1}),[]);return A2(()=>retryUntilDone(async()=>setTypes(
promptFirst(await jobTypes()))),[]),A2(()=>(resumeOwnJobs(),followFeed()),[]),A2(()=>void(logIns&&load()),
[logIns]),useShortcuts(cursor,()=>setHelp(!0)),useTitle(),html` <a class="skip" href="#main">Skip to content</a>
    <${Header} view=${view} help=${()=>setHelp(!0)} />
    <main
      id="main"
      tabindex="-1"
      class=${view==="jobs"?`jobs${job||newType!==null?" beside":""}`:"wide"}
    >
      ${view==="jobs"&&html`<${JobList} types=${types} cursor=${cursor} />
        <div class="pane">
          ${job?html`<${Panel} key=${`${job} ${logIns}`} id=${job} types=${types} />`:html`<${NewJob}
                types=${types}
                selected=${newType??""}
                closable=${newType!==null}
              />`}
        </div>`}
      ${view==="spend"&&html`<${Spend} />`} ${view==="keys"&&html`<${Keys} />`}
      ${view==="system"&&html`<${System} />`}
    </main>
    <${Toasts} /><${ConfirmDialog} /> ${help&&html`<${ShortcutHelp} close=${()=>setHelp(!1)} />`}`}function Header({
view,help}){let here=name=>view===name?"page":null;return html`<header class="head">
    <a
      class="brand"
      ...${to({view:"jobs",job:"",newType:null})}
      aria-label="Loresmith: all jobs"
    >
      <svg viewBox="0 0 32 32" aria-hidden="true">
        <path d="M8 9h16c0 4-3 6-7 6v4h4v4H11v-4h4v-4c-4 0-7-2-7-6z" /></svg
      ><span>Loresmith</span></a
    >
    <nav aria-label="Views">
      <a ...${to({view:"jobs"})} aria-current=${here("jobs")}>Jobs</a>
      <a ...${to({view:"spend"})} aria-current=${here("spend")}>Spend</a>
      ${may("keys")&&html`<a ...${to({view:"keys"})} aria-current=${here("keys")}>Keys</a>`}
      <a ...${to({view:"system"})} aria-current=${here("system")}>System</a>
    </nav>
    <span class="grow" />
    <${NetworkStatus} /><${User} />
    <button class="small round" onClick=${help} aria-label="Keyboard shortcuts">?</button>
    <button class="main" onClick=${openForm}>New job</button>
  </header>`}var promptFirst=types=>[...types.filter(({type})=>type==="prompt"),...types.filter(({type})=>type!==
"prompt")];function useTitle(){let{counts}=useStore(jobs),running=counts?(counts.pending??0)+(counts.
processing??0):0;A2(()=>void(document.title=running?`(${running}) Loresmith`:"Loresmith"),[running])}
function retryUntilDone(run){let timer,attempt=()=>run().catch(()=>void(timer=setTimeout(attempt,3e3)));
return attempt(),()=>clearTimeout(timer)}var element=id=>document.getElementById(id),isRendered=!1;function showOrHide(){
let{required}=session.get();element("page").hidden=required,!(required||isRendered)&&(isRendered=!0,
Q(html`<${App} />`,element("page")))}async function start(){listen(),Q(html`<${LoginPage} />`,element(
"login")),await checkSession(),session.subscribe(showOrHide),showOrHide()}start();
