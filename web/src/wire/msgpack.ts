// MessagePack as the live feed writes it: nil, booleans, numbers, text, bytes, arrays and maps with text keys. A library
// does the same in five times the bytes, most of them for what the feed never sends, and every page pays for them first.

const text = new TextDecoder("utf-8", { fatal: true });

/** The value in `bytes`. Throws RangeError for what is cut short, TypeError for a kind that the feed does not have. */
export function decode(bytes: Uint8Array): unknown {
  return new Reader(bytes).value();
}

class Reader {
  private readonly view: DataView;
  private at = 0;

  constructor(private readonly bytes: Uint8Array) {
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  value(): unknown {
    const kind = this.view.getUint8(this.at++);
    if (kind < 0x80) return kind;
    if (kind >= 0xe0) return kind - 0x100;
    if (kind < 0x90) return this.map(kind & 15);
    if (kind < 0xa0) return this.array(kind & 15);
    if (kind < 0xc0) return this.text(kind & 31);
    const { view, at } = this;
    const size = SIZES[kind];
    if (size === undefined) throw new TypeError(`0x${kind.toString(16)} is no kind that the feed has`);
    this.at += size;
    switch (kind) {
      case 0xc0:
        return null;
      case 0xc2:
      case 0xc3:
        return kind === 0xc3;
      case 0xca:
        return view.getFloat32(at);
      case 0xcb:
        return view.getFloat64(at);
      case 0xcf:
        return view.getUint32(at) * 2 ** 32 + view.getUint32(at + 4);
      case 0xd0:
        return view.getInt8(at);
      case 0xd1:
        return view.getInt16(at);
      case 0xd2:
        return view.getInt32(at);
      case 0xd3:
        return view.getInt32(at) * 2 ** 32 + view.getUint32(at + 4);
    }
    const n = size === 1 ? view.getUint8(at) : size === 2 ? view.getUint16(at) : view.getUint32(at);
    if (kind >= 0xde) return this.map(n);
    if (kind >= 0xdc) return this.array(n);
    if (kind >= 0xd9) return this.text(n);
    return kind >= 0xcc ? n : this.take(n);
  }

  private take(n: number): Uint8Array {
    const end = this.at + n;
    if (end > this.bytes.length) throw new RangeError("the message is cut short");
    const part = this.bytes.subarray(this.at, end);
    this.at = end;
    return part;
  }

  private text(n: number): string {
    return text.decode(this.take(n));
  }

  private array(n: number): unknown[] {
    const out: unknown[] = [];
    for (let i = 0; i < n; i++) out.push(this.value());
    return out;
  }

  private map(n: number): Record<string, unknown> {
    const out: Record<string, unknown> = {};
    for (let i = 0; i < n; i++) out[String(this.value())] = this.value();
    return out;
  }
}

/** Bytes of what follows at once: the number itself, or how long the text, the bytes, the array or the map is. */
const SIZES: Record<number, number> = {
  192: 0, // nil
  194: 0, // false
  195: 0, // true
  196: 1, // bytes
  197: 2,
  198: 4,
  202: 4, // floating point
  203: 8,
  204: 1, // whole numbers
  205: 2,
  206: 4,
  207: 8,
  208: 1,
  209: 2,
  210: 4,
  211: 8,
  217: 1, // text
  218: 2,
  219: 4,
  220: 2, // arrays
  221: 4,
  222: 2, // maps
  223: 4,
};
