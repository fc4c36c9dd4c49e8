// The one use of htm: a template tag bound to `h`.
declare const htm: {
  bind(h: unknown): (strings: TemplateStringsArray, ...values: any[]) => any;
};
export default htm;
