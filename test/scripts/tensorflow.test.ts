import { existsSync, readFileSync, rmSync, statSync, truncateSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { librariesLinked, linkLibraries } from '../../scripts/setup/addon.mjs';
import { downloadWheel, explainPip, pipArguments } from '../../scripts/setup/download.mjs';
import {
  ensureTensorflow,
  tensorflowComplete,
  tensorflowDirectory,
} from '../../scripts/setup/tensorflow.mjs';
import { pinned, setupContext, temporaryFolder, write } from './support';

const members = {
  linux: ['tensorflow/libtensorflow_cc.so.2', 'tensorflow/include/tensorflow/c/**/*.h'],
  nvidia: ['nvidia/*/lib/*.so*', 'nvidia/cuda_nvcc/bin/*'],
};

/** The CUDA set in miniature: same names and places, a few bytes each. */
function cudaSet() {
  const tensorflow = pinned({
    name: 'tensorflow',
    members: 'linux',
    files: {
      'tensorflow/libtensorflow_cc.so.2': 'the library',
      'tensorflow/include/tensorflow/c/eager/c_api.h': 'the header',
      'tensorflow/python/unneeded.py': 'not wanted',
    },
    unpackedBytes: 21,
  });
  const cudnn = pinned({
    name: 'nvidia-cudnn-cu12',
    members: 'nvidia',
    files: { 'nvidia/cudnn/lib/libcudnn.so.9': 'cudnn', 'nvidia/cudnn/include/cudnn.h': 'no' },
    unpackedBytes: 5,
  });
  const nvcc = pinned({
    name: 'nvidia-cuda-nvcc-cu12',
    members: 'nvidia',
    files: { 'nvidia/cuda_nvcc/bin/ptxas': 'assembler' },
    unpackedBytes: 9,
  });
  const all = [tensorflow, cudnn, nvcc];
  return {
    contents: new Map(all.map(({ wheel, content }) => [wheel.file, content])),
    set: {
      key: 'linux-x64-cuda',
      variant: 'cuda' as const,
      tensorflow: '1.0',
      wheels: all.map(({ wheel }) => wheel),
      links: { 'libtensorflow_cc.so.2': 'libtensorflow_cc.so.2' },
      members,
      id: 'linux-x64-cuda-1.0-test',
    },
  };
}

/** Stands in for pip's network: every file comes from memory, and each fetch is counted. */
function source(contents: Map<string, Buffer>, failAt: string | null = null) {
  const fetched: string[] = [];
  const fetchWheel: typeof downloadWheel = async (_context, wheel, _python, directory) => {
    fetched.push(wheel.name);
    if (wheel.name === failAt) throw new Error('the connection broke');
    return write(join(directory, wheel.file), contents.get(wheel.file) ?? Buffer.alloc(0));
  };
  return { fetched, tools: { python: async () => 'python3', fetchWheel } };
}

describe('TensorFlow in the cache', () => {
  it('has the NVIDIA libraries beside tensorflow/, where its run path looks', async () => {
    const { context } = setupContext();
    const { set, contents } = cudaSet();
    const folder = await ensureTensorflow(context, set, source(contents).tools);
    expect(folder).toBe(tensorflowDirectory(context.cache, set));
    const library = join(folder, 'tensorflow');
    expect(readFileSync(join(library, '../nvidia/cudnn/lib/libcudnn.so.9'), 'utf8')).toBe('cudnn');
    expect(statSync(join(folder, 'nvidia/cuda_nvcc/bin/ptxas')).mode & 0o111).not.toBe(0);
    expect(existsSync(join(folder, 'nvidia/cudnn/include'))).toBe(false);
    expect(existsSync(join(library, 'python'))).toBe(false);
    expect(existsSync(join(context.cache, 'partial', set.id))).toBe(false);
  });

  it('is reached from the addon under the names that it links, NVIDIA’s libraries too', async () => {
    const { context, root } = setupContext();
    const { set, contents } = cudaSet();
    const tensorflow = await ensureTensorflow(context, set, source(contents).tools);
    const directory = join(root, 'package');
    write(join(directory, 'deps', 'lib', 'old.so'), 'of another version');
    linkLibraries(directory, { tensorflow, set });
    expect(librariesLinked(directory, { tensorflow, set })).toBe(true);
    const lib = join(directory, 'deps', 'lib');
    expect(readFileSync(join(lib, 'libtensorflow_cc.so.2'), 'utf8')).toBe('the library');
    // The loader takes the link's own folder for the library's.
    expect(readFileSync(join(lib, '../nvidia/cudnn/lib/libcudnn.so.9'), 'utf8')).toBe('cudnn');
    expect(existsSync(join(directory, 'deps/include/tensorflow/c/eager/c_api.h'))).toBe(true);
    expect(existsSync(join(lib, 'old.so'))).toBe(false);
    rmSync(join(tensorflow, 'tensorflow'), { recursive: true });
    expect(librariesLinked(directory, { tensorflow, set })).toBe(false);
  });

  it('is taken as it is by the next run, without Python', async () => {
    const { context } = setupContext();
    const { set, contents } = cudaSet();
    await ensureTensorflow(context, set, source(contents).tools);
    const again = source(contents);
    const python = async () => Promise.reject(new Error('Python was looked for'));
    await ensureTensorflow(context, set, { ...again.tools, python });
    expect(again.fetched).toEqual([]);
  });

  it('goes on after an interruption with the wheels that are still missing', async () => {
    const { context } = setupContext();
    const { set, contents } = cudaSet();
    const broken = source(contents, 'nvidia-cuda-nvcc-cu12');
    await expect(ensureTensorflow(context, set, broken.tools)).rejects.toThrow('connection broke');
    expect(tensorflowComplete(context.cache, set)).toBe(false);
    const again = source(contents);
    await ensureTensorflow(context, set, again.tools);
    expect(again.fetched).toEqual(['nvidia-cuda-nvcc-cu12']);
    expect(tensorflowComplete(context.cache, set)).toBe(true);
  });

  it('fetches a wheel anew whose unpacking was cut off', async () => {
    const { context } = setupContext();
    const { set, contents } = cudaSet();
    await ensureTensorflow(context, set, source(contents, 'nvidia-cudnn-cu12').tools).catch(
      () => null,
    );
    const half = join(context.cache, 'partial', set.id, 'root/tensorflow/libtensorflow_cc.so.2');
    truncateSync(half, 3);
    const again = source(contents);
    const folder = await ensureTensorflow(context, set, again.tools);
    expect(again.fetched).toEqual(['tensorflow', 'nvidia-cudnn-cu12', 'nvidia-cuda-nvcc-cu12']);
    expect(readFileSync(join(folder, 'tensorflow/libtensorflow_cc.so.2'), 'utf8')).toBe(
      'the library',
    );
  });

  it('is mended where a file was lost or cut short in the cache', async () => {
    const { context } = setupContext();
    const { set, contents } = cudaSet();
    const folder = await ensureTensorflow(context, set, source(contents).tools);
    truncateSync(join(folder, 'nvidia/cudnn/lib/libcudnn.so.9'), 1);
    expect(tensorflowComplete(context.cache, set)).toBe(false);
    await ensureTensorflow(context, set, source(contents).tools);
    expect(tensorflowComplete(context.cache, set)).toBe(true);
  });

  it('says how much room it needs where the disk has less', async () => {
    const { context } = setupContext();
    const { set, contents } = cudaSet();
    const [first] = set.wheels;
    if (first) first.unpackedBytes = 1e15;
    await expect(ensureTensorflow(context, set, source(contents).tools)).rejects.toMatchObject({
      code: 'disk-full',
      message: expect.stringMatching(/needs 1000000\.00 GB there; .* are free/),
      remedy: expect.stringContaining('SALIENCY_STUDIO_CACHE'),
    });
  });

  it('refuses a wheel that does not hold what the pins say', async () => {
    const { context } = setupContext();
    const { set, contents } = cudaSet();
    const [first] = set.wheels;
    if (first) first.unpackedBytes += 1;
    await expect(ensureTensorflow(context, set, source(contents).tools)).rejects.toMatchObject({
      code: 'wrong-content',
    });
    expect(tensorflowComplete(context.cache, set)).toBe(false);
  });
});

/** An executable that answers as `python -m pip download` does. */
function pipThatServes(content: Buffer): string {
  const folder = temporaryFolder();
  write(join(folder, 'wheel'), content);
  const script = `#!/bin/sh
while [ "$1" != --dest ]; do shift; done
cp "${folder}/wheel" "$2/tensorflow-1.0-py3-none-any.whl"
`;
  return write(join(folder, 'python3'), script, 0o755);
}

describe('a download', () => {
  const purpose = { title: 'TensorFlow', command: 'npm run setup' };
  const { wheel, content } = pinned({
    name: 'tensorflow',
    members: 'linux',
    files: { 'tensorflow/libtensorflow_cc.so.2': 'the library' },
    unpackedBytes: 11,
  });
  const env = { PATH: [dirname(process.execPath), '/usr/bin', '/bin'].join(delimiter) };

  it('asks pip for the one pinned file, whatever Python runs pip', () => {
    expect(pipArguments(wheel, 'D').join(' ')).toBe(
      '-m pip download --no-deps --only-binary=:all: --platform any --python-version 3.11 --implementation cp --abi cp311 --dest D tensorflow==1.0',
    );
  });

  it('is accepted with the pinned hash and kept for an interrupted unpacking', async () => {
    const { context, root } = setupContext(env);
    const into = join(root, 'download');
    const file = await downloadWheel(context, wheel, pipThatServes(content), into, purpose);
    expect(readFileSync(file).equals(content)).toBe(true);
    expect(await downloadWheel(context, wheel, '/no/such/python', into, purpose)).toBe(file);
  });

  it('is refused and removed with another hash', async () => {
    const { context, root } = setupContext(env);
    const forged = Buffer.from(content);
    forged[forged.length - 1] = 1;
    const into = join(root, 'download');
    await expect(
      downloadWheel(context, wheel, pipThatServes(forged), into, purpose),
    ).rejects.toMatchObject({
      code: 'wrong-hash',
      message: expect.stringContaining(`expected ${wheel.sha256}`),
    });
    expect(existsSync(join(into, wheel.file))).toBe(false);
  });

  it.each([
    ["NewConnectionError('Failed to establish a new connection')", 'no-network'],
    ['Temporary failure in name resolution', 'no-network'],
    ['SSLError: certificate verify failed', 'no-network'],
    ['OSError: [Errno 28] No space left on device', 'disk-full'],
    ['ERROR: No matching distribution found for tensorflow==1.0', 'not-found'],
    ['Segmentation fault', 'download-failed'],
  ])('that fails with "%s" is explained as %s', (output, code) => {
    const error = explainPip(output, wheel, 'D', purpose);
    expect(error.code).toBe(code);
    if (code !== 'disk-full') {
      expect(error.remedy).toContain(`python3 ${pipArguments(wheel, 'DIR').join(' ')}`);
      expect(error.remedy).toContain('PIP_FIND_LINKS=DIR npm run setup');
    }
  });
});
