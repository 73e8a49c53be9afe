// One turn of the event loop: what has come meanwhile is dealt with, and the page is painted if it is time.

/** A timer would be held back by browsers, four milliseconds each. */
const turns = new MessageChannel();
const waiting: (() => void)[] = [];
turns.port1.onmessage = () => waiting.shift()?.();

export const turn = (): Promise<void> =>
  new Promise((go) => {
    waiting.push(go);
    turns.port2.postMessage(null);
  });
