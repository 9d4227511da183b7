/**
 * Python's pickles (docs.python.org/3/library/pickletools.html), as far as `torch.save` writes them:
 * a machine with a stack and a memo. Nothing is built, imported or called: see `globals.ts` for what a
 * pickle may name.
 */
import { type StudioError } from '../../../shared/errors';
import { callOf, setEntry, storageOf } from './calls';
import { GlobalName, globalOf } from './globals';
import { PickleBytes } from './pickle-bytes';
import { type Damaged } from './problems';
import { type TorchStorage } from './tensors';
import { Opaque, PickleDict, PickleList, PickleTuple, type PickleValue } from './values';

/** More steps than any checkpoint takes: a thousand tensors and their optimiser's take some 200,000. */
const mostSteps = 1_000_000;
/** Bytes of a whole number: longer ones are keys of nothing. */
const longestNumber = 1024;

export interface Unpickled {
  readonly value: PickleValue;
  /** Where what follows it begins. */
  readonly end: number;
}

export interface UnpickleOptions {
  readonly damaged: Damaged;
  /**
   * Refuses a global that is on no list.
   *
   * @param isModel whether the rest of the pickle has what a whole model has
   */
  readonly strange: (name: string, isModel: boolean) => StudioError;
  /** Storages by their keys, which its persistent ids name: they are added. */
  readonly storages: Map<string, TorchStorage>;
}

/**
 * One pickle.
 *
 * @param at where it begins
 * @throws StudioError what `options` make: for a global that is on no list, for steps that are none of a
 *   pickle of weights, for one that ends too early or goes on too long
 */
export function unpickle(bytes: Uint8Array, at: number, options: UnpickleOptions): Unpickled {
  return new Machine(new PickleBytes(bytes, at, options.damaged), options).run();
}

class Machine {
  readonly #bytes: PickleBytes;
  readonly #options: UnpickleOptions;
  readonly #damaged: Damaged;
  readonly #stack: PickleValue[] = [];
  /** How high the stack was at each mark. */
  readonly #marks: number[] = [];
  readonly #memo = new Map<number, PickleValue>();

  constructor(bytes: PickleBytes, options: UnpickleOptions) {
    this.#bytes = bytes;
    this.#options = options;
    this.#damaged = options.damaged;
  }

  run(): Unpickled {
    const from = this.#bytes.at;
    for (let steps = 0; steps < mostSteps; steps += 1) {
      const at = this.#bytes.at;
      const code = this.#bytes.byte();
      if ((at === from) !== (code === 0x80)) {
        throw this.#damaged('its pickle does not begin with its protocol (2 to 5)');
      }
      if (code !== 0x2e) {
        this.#step(code, at - from);
        continue;
      }
      const value = this.#pop();
      if (this.#stack.length > 0 || this.#marks.length > 0) {
        throw this.#damaged('its pickle stops before it is whole');
      }
      return { value, end: this.#bytes.at };
    }
    throw this.#damaged(`its pickle has more than ${mostSteps} steps`);
  }

  #step(code: number, at: number): void {
    const bytes = this.#bytes;
    switch (code) {
      case 0x80: {
        const protocol = bytes.byte();
        if (protocol >= 2 && protocol <= 5) return;
        throw this.#damaged(`its pickle is of protocol ${protocol}; 2 to 5 are read`);
      }
      case 0x95: // FRAME: how long what follows is, which its own steps say too
        bytes.reach(bytes.uint64());
        return;
      case 0x28: // MARK
        this.#marks.push(this.#stack.length);
        return;
      case 0x30: // POP
        this.#pop();
        return;
      case 0x31: // POP_MARK
        this.#popMark();
        return;
      case 0x32: {
        // DUP
        const value = this.#pop();
        this.#push(value);
        return this.#push(value);
      }

      case 0x4e: // NONE
        return this.#push(null);
      case 0x88: // NEWTRUE
        return this.#push(true);
      case 0x89: // NEWFALSE
        return this.#push(false);
      case 0x4a: // BININT
        return this.#push(bytes.int32());
      case 0x4b: // BININT1
        return this.#push(bytes.byte());
      case 0x4d: // BININT2
        return this.#push(bytes.uint16());
      case 0x47: // BINFLOAT
        return this.#push(bytes.float64());
      case 0x8a: // LONG1
        return this.#push(this.#whole(bytes.byte()));
      case 0x8b: // LONG4
        return this.#push(this.#whole(bytes.int32()));
      case 0x58: // BINUNICODE
        return this.#push(bytes.text(bytes.uint32()));
      case 0x8c: // SHORT_BINUNICODE
        return this.#push(bytes.text(bytes.byte()));
      case 0x8d: // BINUNICODE8
        return this.#push(bytes.text(bytes.uint64()));
      case 0x54: // BINSTRING: a text of Python 2
        return this.#push(bytes.text(bytes.int32()));
      case 0x55: // SHORT_BINSTRING
        return this.#push(bytes.text(bytes.byte()));
      case 0x42: // BINBYTES
        return this.#push(bytes.bytes(bytes.uint32()));
      case 0x43: // SHORT_BINBYTES
        return this.#push(bytes.bytes(bytes.byte()));
      case 0x8e: // BINBYTES8
      case 0x96: // BYTEARRAY8
        return this.#push(bytes.bytes(bytes.uint64()));

      case 0x29: // EMPTY_TUPLE
        return this.#push(new PickleTuple([]));
      case 0x85: // TUPLE1 to TUPLE3
      case 0x86:
      case 0x87: {
        const items = Array.from({ length: code - 0x84 }, () => this.#pop());
        return this.#push(new PickleTuple(items.reverse()));
      }
      case 0x74: // TUPLE
        return this.#push(new PickleTuple(this.#popMark()));
      case 0x5d: // EMPTY_LIST
        return this.#push(new PickleList());
      case 0x6c: {
        // LIST
        const list = new PickleList();
        for (const item of this.#popMark()) list.items.push(item);
        return this.#push(list);
      }
      case 0x61: {
        // APPEND
        const item = this.#pop();
        return this.#append([item]);
      }
      case 0x65: // APPENDS
        return this.#append(this.#popMark());
      case 0x7d: // EMPTY_DICT
        return this.#push(new PickleDict());
      case 0x73: {
        // SETITEM
        const value = this.#pop();
        const key = this.#pop();
        return this.#set([key, value]);
      }
      case 0x75: // SETITEMS
        return this.#set(this.#popMark());
      case 0x8f: // EMPTY_SET
        return this.#push(new Opaque('set'));
      case 0x90: // ADDITEMS
        this.#popMark();
        return this.#mustBeOpaque();
      case 0x91: // FROZENSET
        this.#popMark();
        return this.#push(new Opaque('frozenset'));

      case 0x71: // BINPUT
        return this.#remember(bytes.byte());
      case 0x72: // LONG_BINPUT
        return this.#remember(bytes.uint32());
      case 0x94: // MEMOIZE
        return this.#remember(this.#memo.size);
      case 0x68: // BINGET
        return this.#push(this.#recall(bytes.byte()));
      case 0x6a: // LONG_BINGET
        return this.#push(this.#recall(bytes.uint32()));

      case 0x63: // GLOBAL
      case 0x69: {
        // INST, which calls it at once
        const module = bytes.line();
        const found = this.#global(module, bytes.line());
        if (code === 0x63) return this.#push(found);
        throw this.#damaged(
          `its pickle makes a ${found.name} in a way that is none of torch.save’s`,
        );
      }
      case 0x93: {
        // STACK_GLOBAL
        const name = this.#pop();
        const module = this.#pop();
        if (typeof module !== 'string' || typeof name !== 'string') {
          throw this.#damaged('its pickle names a global by what is no text');
        }
        return this.#push(this.#global(module, name));
      }
      case 0x52: {
        // REDUCE
        const given = this.#pop();
        return this.#push(callOf(this.#pop(), given, this.#damaged));
      }
      case 0x81: // NEWOBJ
        return this.#object(0);
      case 0x92: // NEWOBJ_EX, with arguments by name
        return this.#object(1);
      case 0x62: {
        // BUILD: attributes, which never reach entries
        this.#pop();
        const built = this.#top();
        if (built instanceof PickleDict || built instanceof Opaque) return;
        throw this.#damaged('its pickle gives attributes to what has none');
      }
      case 0x51: // BINPERSID
        return this.#push(storageOf(this.#pop(), this.#options.storages, this.#damaged));
      default: {
        const opcode = code.toString(16).padStart(2, '0');
        throw this.#damaged(
          `its pickle has the opcode 0x${opcode} at byte ${at}, which torch.save never writes`,
        );
      }
    }
  }

  #push(value: PickleValue): void {
    this.#stack.push(value);
  }

  #pop(): PickleValue {
    const value = this.#top();
    this.#stack.pop();
    return value;
  }

  /** What is above the last mark alone can be used. */
  #top(): PickleValue {
    const value = this.#stack.at(-1);
    if (value === undefined || this.#stack.length <= (this.#marks.at(-1) ?? 0)) {
      throw this.#damaged('its pickle uses what it never put on its stack');
    }
    return value;
  }

  #popMark(): PickleValue[] {
    const from = this.#marks.pop();
    if (from === undefined) throw this.#damaged('its pickle uses a mark that it never set');
    return this.#stack.splice(from);
  }

  #append(items: readonly PickleValue[]): void {
    const list = this.#top();
    if (!(list instanceof PickleList)) throw this.#damaged('its pickle appends to what is no list');
    for (const item of items) list.items.push(item);
  }

  #set(items: readonly PickleValue[]): void {
    const dict = this.#top();
    if (!(dict instanceof PickleDict))
      throw this.#damaged('its pickle sets a key of what is no dict');
    for (let i = 0; i < items.length; i += 2) {
      const [key, value] = [items[i], items[i + 1]];
      if (key === undefined || value === undefined) {
        throw this.#damaged('its pickle has a key without a value');
      }
      setEntry(dict, key, value, this.#damaged);
    }
  }

  #mustBeOpaque(): void {
    if (this.#top() instanceof Opaque) return;
    throw this.#damaged('its pickle adds to what is no set');
  }

  #object(named: number): void {
    if (named > 0) this.#pop();
    this.#pop();
    const made = this.#pop();
    if (!(made instanceof GlobalName) || made.of.kind !== 'passed-over') {
      throw this.#damaged('its pickle makes an object of what is no class');
    }
    this.#push(new Opaque(made.name));
  }

  #remember(key: number): void {
    this.#memo.set(key, this.#top());
  }

  #recall(key: number): PickleValue {
    const value = this.#memo.get(key);
    if (value === undefined) throw this.#damaged(`its pickle recalls ${key}, which it never kept`);
    return value;
  }

  #global(module: string, name: string): GlobalName {
    const found = globalOf(module, name);
    if (found) return found;
    const isModel = module.startsWith('torch.nn.modules') || this.#bytes.holds('_modules');
    throw this.#options.strange(`${module}.${name}`, isModel);
  }

  /** A whole number in two's complement, its lowest byte first; exact. */
  #whole(length: number): number | bigint {
    if (length > longestNumber) throw this.#damaged(`its pickle has a number of ${length} bytes`);
    const bytes = this.#bytes.bytes(length);
    const digits = Buffer.from(bytes.toReversed()).toString('hex');
    const exact = BigInt.asIntN(8 * length, BigInt(`0x0${digits}`));
    const plain = Number(exact);
    return Number.isSafeInteger(plain) ? plain : exact;
  }
}
