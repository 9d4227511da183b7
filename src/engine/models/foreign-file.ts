/**
 * What a file of weights is that is no safetensors file: told by its content, whatever its name. The
 * forms are those that people have at hand when they want weights here.
 */

interface Foreign {
  /** A clause that goes on from "it is". */
  readonly what: string;
  /** Whether PyTorch can open it, so that one line converts it. */
  readonly torch: boolean;
}

const zipStart = [0x50, 0x4b, 0x03, 0x04];
const hdf5Start = [0x89, 0x48, 0x44, 0x46];

/**
 * A sentence that says what a file is instead of safetensors, and what to do.
 *
 * @param name the file's name, for the line that converts it
 * @returns null where the content is of no form that is known here
 */
export function describeForeign(bytes: Uint8Array, name: string): string | null {
  const found = foreignForm(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength));
  if (!found) return null;
  const sentence = `${name} is not a safetensors file: it is ${found.what}.`;
  return found.torch ? `${sentence} ${conversion(name)}` : sentence;
}

/** One line of Python that makes a safetensors file of a checkpoint. */
function conversion(name: string): string {
  const stem = name.replace(/\.(safetensors|pt|pth|pt2|bin|ckpt|pkl|tar)$/i, '');
  const [from, to] = [name, `${stem}-converted.safetensors`].map((text) => JSON.stringify(text));
  const line = [
    'import torch, safetensors.torch as st',
    `w = torch.load(${from}, map_location="cpu", weights_only=True)`,
    'w = w.get("state_dict", w)',
    `st.save_file({k: v.clone().contiguous() for k, v in w.items()}, ${to})`,
  ];
  return `Such a file can run code when it is opened and is not read here. This line of Python converts it: ${line.join('; ')}`;
}

function foreignForm(bytes: Buffer): Foreign | null {
  const begins = (start: readonly number[]) => start.every((byte, i) => bytes[i] === byte);
  const head = bytes.subarray(0, 512).toString('latin1');
  const torch = (what: string): Foreign => ({ what, torch: true });
  const other = (what: string): Foreign => ({ what, torch: false });
  if (begins(zipStart)) {
    if (bytes.includes('constants.pkl')) {
      return other('a TorchScript archive: save the state_dict of the model as safetensors');
    }
    if (bytes.includes('data.pkl')) return torch('a PyTorch checkpoint (torch.save)');
    return other('a ZIP archive');
  }
  // Pickles of protocol 2 and later: those of torch.save before PyTorch 1.6, and others.
  if (bytes[0] === 0x80 && (bytes[1] ?? 0) >= 2 && (bytes[1] ?? 0) <= 5) {
    return torch('a Python pickle, as torch.save wrote it before PyTorch 1.6');
  }
  if (head.slice(257, 262) === 'ustar') return other('a tar archive');
  if (begins(hdf5Start)) return other('an HDF5 file, as Keras writes it');
  if (head.startsWith('GGUF')) return other('a GGUF file');
  if (head.startsWith('\x93NUMPY')) return other('a NumPy array');
  if (head.startsWith('version https://git-lfs')) {
    return other('a Git LFS pointer: the weights themselves were not downloaded (git lfs pull)');
  }
  if (/^\s*<(!doctype|html|\?xml)/i.test(head)) return other('a web page: the download went wrong');
  if (bytes[0] === 0x08 && /pytorch|onnx/i.test(head)) return other('an ONNX model');
  return null;
}
