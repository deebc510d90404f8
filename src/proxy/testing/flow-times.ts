/** When everything in a flow that a test made has happened: the same each time. */

/** What the clock of a test shows at first, in seconds since 1970: 2024 begins. Flows were made in the second before. */
export const startOfTest = Date.UTC(2024, 0, 1) / 1000;

/** Seconds since 1970. */
export const flowTimes = {
  client: startOfTest - 1,
  clientTls: startOfTest - 0.9375,
  request: startOfTest - 0.875,
  requestEnd: startOfTest - 0.75,
  server: startOfTest - 0.6875,
  serverTcp: startOfTest - 0.625,
  serverTls: startOfTest - 0.5625,
  response: startOfTest - 0.5,
  responseEnd: startOfTest - 0.375,
  message: startOfTest - 0.25,
  end: startOfTest - 0.125,
} as const;
