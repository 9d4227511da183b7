declare global {
  // zod's own switchboard: it takes an object that is there already.
  var __zod_globalConfig: { jitless?: boolean } | undefined;
}

// zod would try `new Function`, which the content security policy refuses and reports.
globalThis.__zod_globalConfig = { ...globalThis.__zod_globalConfig, jitless: true };

export {};
