/**
 * The globals that a pickle of weights may name. The list is closed: whatever else a pickle names is
 * refused by its name, whether it is called or not.
 */
import { dtypes, storageTypes, type StorageType } from './storage-types';

/** How a tensor is put together from a call's arguments. */
export type Rebuild = 'v1' | 'v2' | 'v3' | 'parameter' | 'from-type';

export type GlobalKind =
  | { readonly kind: 'ordered-dict' }
  | { readonly kind: 'rebuild'; readonly how: Rebuild }
  | { readonly kind: 'storage'; readonly type: StorageType }
  /** Classes that a tensor may say it is of. */
  | { readonly kind: 'tensor-class' }
  | { readonly kind: 'dtype'; readonly label: string }
  /** What is made by it is passed over, never built. */
  | { readonly kind: 'passed-over' };

/** A global that is on the list, as a value of the pickle. */
export class GlobalName {
  /** With a dot between module and name. */
  readonly name: string;
  readonly of: GlobalKind;

  constructor(name: string, of: GlobalKind) {
    this.name = name;
    this.of = of;
  }
}

const known = new Map<string, GlobalName>();

function add(module: string, name: string, of: GlobalKind): void {
  known.set(key(module, name), new GlobalName(`${module}.${name}`, of));
}

/** No module or name has a line break. */
function key(module: string, name: string): string {
  return `${module}\n${name}`;
}

add('collections', 'OrderedDict', { kind: 'ordered-dict' });
const rebuilds: readonly [string, string, Rebuild][] = [
  ['torch._utils', '_rebuild_tensor', 'v1'],
  ['torch._utils', '_rebuild_tensor_v2', 'v2'],
  // Of types that hold no weights, which are then refused by their names.
  ['torch._utils', '_rebuild_tensor_v3', 'v3'],
  ['torch._utils', '_rebuild_parameter', 'parameter'],
  ['torch._utils', '_rebuild_parameter_with_state', 'parameter'],
  ['torch._tensor', '_rebuild_from_type_v2', 'from-type'],
];
for (const [module, name, how] of rebuilds) add(module, name, { kind: 'rebuild', how });
for (const [name, type] of storageTypes) {
  for (const module of ['torch', 'torch.storage']) add(module, name, { kind: 'storage', type });
}
add('torch', 'Tensor', { kind: 'tensor-class' });
for (const name of ['Parameter', 'Buffer']) {
  add('torch.nn.parameter', name, { kind: 'tensor-class' });
}
for (const label of dtypes) add('torch', label, { kind: 'dtype', label });
const passedOver: readonly [string, readonly string[]][] = [
  ['argparse', ['Namespace']],
  ['numpy', ['dtype', 'ndarray']],
  ['numpy.core.multiarray', ['scalar', '_reconstruct']],
  ['numpy._core.multiarray', ['scalar', '_reconstruct']],
  ['numpy.core.numeric', ['_frombuffer']],
  ['numpy._core.numeric', ['_frombuffer']],
  ['_codecs', ['encode']],
  ['builtins', ['set', 'complex']],
  ['__builtin__', ['set', 'complex']],
  ['torch', ['device', 'Size']],
];
for (const [module, names] of passedOver) {
  for (const name of names) add(module, name, { kind: 'passed-over' });
}

/** The global of a name; undefined: it is on no list. */
export function globalOf(module: string, name: string): GlobalName | undefined {
  return known.get(key(module, name));
}
