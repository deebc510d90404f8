export { ManualClock } from '../../src/proxy/testing/manual-clock.js';
