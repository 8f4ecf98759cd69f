/**
 * Reads Java's object serialisation stream (Java Object Serialization Specification, chapter 6) into plain values, without
 * any class: what fields hold, and what objects wrote beside them. Bounded in depth and size; nothing is ever executed.
 */

/** The text is no stream that can be read: not Java's, cut off, beyond the bounds, or of a kind that only its class can read. */
export class UnreadableStreamError extends Error {
  override readonly name = 'UnreadableStreamError';
}

/** A value of a stream; `long` is a bigint, a single `char` a string. */
export type JavaValue = null | boolean | number | bigint | string | JavaObject | JavaArray | JavaEnum | JavaClass;

/** An object: its fields by name, and in their order what it wrote itself: values, and blocks of bytes. */
export class JavaObject {
  readonly fields = new Map<string, JavaValue>();
  readonly written: (JavaValue | Buffer)[] = [];

  constructor(readonly className: string) {}
}

/** An array; arrays of bytes come as such. */
export class JavaArray {
  readonly elements: JavaValue[] = [];

  constructor(readonly className: string) {}
}

/** A constant of an enum. */
export class JavaEnum {
  constructor(
    readonly className: string,
    readonly constant: string,
  ) {}
}

/** A class as a value, or the description of a class. */
export class JavaClass {
  readonly fields: { readonly type: string; readonly name: string }[] = [];
  parent: JavaClass | null = null;

  constructor(
    readonly className: string,
    public flags: number,
  ) {}
}

const MAGIC = 0xaced0005;
const MAXIMUM_DEPTH = 100;
const MAXIMUM_VALUES = 200_000;
const FIRST_HANDLE = 0x7e0000;

/** Type codes of the stream's grammar. */
const NULL = 0x70;
const REFERENCE = 0x71;
const CLASS_DESCRIPTION = 0x72;
const OBJECT = 0x73;
const STRING = 0x74;
const ARRAY = 0x75;
const CLASS = 0x76;
const BLOCK = 0x77;
const END_OF_BLOCK = 0x78;
const LONG_BLOCK = 0x7a;
const LONG_STRING = 0x7c;
const PROXY_DESCRIPTION = 0x7d;
const ENUM = 0x7e;

/** Flags of a class description. */
const WRITES_ITSELF = 0x01;
const SERIALIZABLE = 0x02;
const EXTERNALIZABLE = 0x04;
const IN_BLOCKS = 0x08;

/**
 * Reads the first object of a stream.
 * @throws UnreadableStreamError
 */
export function readJavaStream(bytes: Buffer): JavaValue {
  return new StreamReader(bytes).read();
}

class StreamReader {
  private position = 0;
  private depth = 0;
  private values = 0;
  private readonly handles: JavaValue[] = [];

  constructor(private readonly bytes: Buffer) {}

  read(): JavaValue {
    if (this.bytes.length < 4 || this.bytes.readUInt32BE(0) !== MAGIC) {
      throw new UnreadableStreamError('no Java object stream');
    }
    this.position = 4;
    const first = this.content();
    if (Buffer.isBuffer(first)) throw new UnreadableStreamError('the Java stream holds bytes, no object');
    return first;
  }

  private content(): JavaValue | Buffer {
    if (++this.values > MAXIMUM_VALUES) throw new UnreadableStreamError('the Java stream holds too many values');
    if (++this.depth > MAXIMUM_DEPTH) throw new UnreadableStreamError('the Java stream is nested too deeply');
    try {
      return this.contentOf(this.byte());
    } finally {
      this.depth -= 1;
    }
  }

  private contentOf(code: number): JavaValue | Buffer {
    switch (code) {
      case NULL:
        return null;
      case REFERENCE:
        return this.reference();
      case STRING:
        return this.remember(this.text(this.short()));
      case LONG_STRING:
        return this.remember(this.text(this.length(Number(this.take(8).readBigUInt64BE()))));
      case OBJECT:
        return this.object();
      case ARRAY:
        return this.array();
      case ENUM:
        return this.enumConstant();
      case CLASS:
        return this.remember(this.description());
      case CLASS_DESCRIPTION:
      case PROXY_DESCRIPTION:
        this.position -= 1;
        return this.description();
      case BLOCK:
        return this.take(this.byte());
      case LONG_BLOCK:
        return this.take(this.length(this.int()));
      default:
        throw new UnreadableStreamError(`unknown type code 0x${code.toString(16)} in the Java stream`);
    }
  }

  private value(): JavaValue {
    const content = this.content();
    if (Buffer.isBuffer(content)) throw new UnreadableStreamError('bytes where the Java stream should have a value');
    return content;
  }

  private object(): JavaObject {
    const description = this.description();
    if (description === null) throw new UnreadableStreamError('an object without class in the Java stream');
    const object = this.remember(new JavaObject(description.className));
    const lineage: JavaClass[] = [];
    for (let current: JavaClass | null = description; current !== null; current = current.parent)
      lineage.unshift(current);
    for (const level of lineage) this.level(object, level);
    return object;
  }

  /** What one class of an object's lineage wrote. */
  private level(object: JavaObject, { className, flags, fields }: JavaClass): void {
    if ((flags & EXTERNALIZABLE) !== 0) {
      if ((flags & IN_BLOCKS) === 0) throw new UnreadableStreamError(`only its class can read a ${className}`);
      this.annotations(object.written);
    } else if ((flags & SERIALIZABLE) !== 0) {
      for (const { type, name } of fields) object.fields.set(name, this.field(type));
      if ((flags & WRITES_ITSELF) !== 0) this.annotations(object.written);
    }
  }

  private annotations(into: (JavaValue | Buffer)[]): void {
    while (this.byte() !== END_OF_BLOCK) {
      this.position -= 1;
      into.push(this.content());
    }
  }

  private array(): JavaArray {
    const description = this.description();
    if (description === null) throw new UnreadableStreamError('an array without class in the Java stream');
    const array = this.remember(new JavaArray(description.className));
    const type = description.className.charAt(1);
    const length = this.length(this.int());
    for (let index = 0; index < length; index += 1) array.elements.push(this.field(type));
    return array;
  }

  private enumConstant(): JavaEnum {
    const description = this.description();
    const place = this.handles.push(null) - 1;
    const constant = this.value();
    if (description === null || typeof constant !== 'string') {
      throw new UnreadableStreamError('an enum without name in the Java stream');
    }
    const found = new JavaEnum(description.className, constant);
    this.handles[place] = found;
    return found;
  }

  private description(): JavaClass | null {
    const code = this.byte();
    switch (code) {
      case NULL:
        return null;
      case REFERENCE: {
        const referred = this.reference();
        if (referred instanceof JavaClass) return referred;
        throw new UnreadableStreamError('a class that is none in the Java stream');
      }
      case CLASS_DESCRIPTION:
        return this.newDescription();
      case PROXY_DESCRIPTION:
        return this.proxyDescription();
      default:
        throw new UnreadableStreamError(`type code 0x${code.toString(16)} where the Java stream should have a class`);
    }
  }

  private newDescription(): JavaClass {
    const className = this.text(this.short());
    this.take(8);
    const description = this.remember(new JavaClass(className, 0));
    description.flags = this.byte();
    const count = this.short();
    for (let index = 0; index < count; index += 1) {
      const type = String.fromCharCode(this.byte());
      const name = this.text(this.short());
      if (type === 'L' || type === '[') this.value();
      description.fields.push({ type, name });
    }
    return this.parentOf(description);
  }

  private proxyDescription(): JavaClass {
    const description = this.remember(new JavaClass('java.lang.reflect.Proxy', SERIALIZABLE));
    const interfaces = this.length(this.int());
    for (let index = 0; index < interfaces; index += 1) this.text(this.short());
    return this.parentOf(description);
  }

  private parentOf(description: JavaClass): JavaClass {
    this.annotations([]);
    if (++this.depth > MAXIMUM_DEPTH) throw new UnreadableStreamError('the Java stream is nested too deeply');
    description.parent = this.description();
    this.depth -= 1;
    return description;
  }

  private field(type: string): JavaValue {
    if (++this.values > MAXIMUM_VALUES) throw new UnreadableStreamError('the Java stream holds too many values');
    switch (type) {
      case 'B':
        return this.take(1).readInt8();
      case 'C':
        return String.fromCharCode(this.short());
      case 'D':
        return this.take(8).readDoubleBE();
      case 'F':
        return Number(this.take(4).readFloatBE().toPrecision(7));
      case 'I':
        return this.int();
      case 'J':
        return this.take(8).readBigInt64BE();
      case 'S':
        return this.take(2).readInt16BE();
      case 'Z':
        return this.byte() !== 0;
      case 'L':
      case '[':
        return this.value();
      default:
        throw new UnreadableStreamError(`unknown field type ${JSON.stringify(type)} in the Java stream`);
    }
  }

  private reference(): JavaValue {
    const value = this.handles[this.int() - FIRST_HANDLE];
    if (value === undefined) throw new UnreadableStreamError('a reference to nothing in the Java stream');
    return value;
  }

  private remember<Value extends JavaValue>(value: Value): Value {
    this.handles.push(value);
    return value;
  }

  private byte(): number {
    return this.take(1).readUInt8();
  }

  private short(): number {
    return this.take(2).readUInt16BE();
  }

  private int(): number {
    return this.take(4).readInt32BE();
  }

  /** A length that the rest of the stream can hold. */
  private length(length: number): number {
    if (length < 0 || length > this.bytes.length - this.position) {
      throw new UnreadableStreamError('the Java stream ends too early');
    }
    return length;
  }

  private take(length: number): Buffer {
    const start = this.position;
    this.position += this.length(length);
    return this.bytes.subarray(start, this.position);
  }

  /** Java's modified UTF-8: each UTF-16 unit on its own, NUL in two bytes. */
  private text(length: number): string {
    const bytes = this.take(length);
    const units: string[] = [];
    // A text that is cut within a character ends with a damaged one.
    const tail = (index: number) => (bytes[index] ?? 0) & 0x3f;
    for (let index = 0; index < bytes.length;) {
      const first = bytes.readUInt8(index);
      if (first < 0x80) {
        units.push(String.fromCharCode(first));
        index += 1;
      } else if (first < 0xe0) {
        units.push(String.fromCharCode(((first & 0x1f) << 6) | tail(index + 1)));
        index += 2;
      } else {
        units.push(String.fromCharCode(((first & 0x0f) << 12) | (tail(index + 1) << 6) | tail(index + 2)));
        index += 3;
      }
    }
    return units.join('');
  }
}
