// A module as a browser has it that gives a page little memory: what grows beyond it traps.

/** The id of the section that says how much memory a module begins with. */
const MEMORY = 5;
const HEADER = 8;
/** Of 64 KiB. */
const PAGES_OF_A_MIB = 16;

function varint(value: number): number[] {
  return value < 128 ? [value] : [(value % 128) + 128, ...varint(Math.floor(value / 128))];
}

/** The same module, whose memory may not grow beyond so many MiB. */
export function withMemory(module: Buffer, mebibytes: number): Buffer {
  let at = HEADER;
  const number = () => {
    let value = 0;
    for (let scale = 1; ; scale *= 128) {
      const byte = module[at++] ?? 0;
      value += (byte % 128) * scale;
      if (byte < 128) return value;
    }
  };
  while (at < module.length) {
    const start = at;
    const id = module[at++];
    const end = number() + at;
    if (id === MEMORY) {
      const [memories, limits] = [number(), number()];
      if (memories !== 1 || limits !== 0) throw new Error("another kind of memory than this knows");
      const body = [1, 1, ...varint(number()), ...varint(mebibytes * PAGES_OF_A_MIB)];
      const section = Buffer.from([MEMORY, ...varint(body.length), ...body]);
      return Buffer.concat([module.subarray(0, start), section, module.subarray(end)]);
    }
    at = end;
  }
  throw new Error("the module has no memory of its own");
}
