/** Endings of the files that weights come in; what a file is, its content says. */
export const weightsEndings: readonly string[] = ['.safetensors', '.pth', '.pt', '.ckpt', '.bin'];

/** The ending of a name, for what is left as a model's name. */
export const weightsEnding = /\.(safetensors|pth|pt|ckpt|bin)$/i;

/** What a model is called by its file where nothing else is said: at most 80 characters, none cut in two. */
export const nameByFile = (file: string): string =>
  file
    .replace(weightsEnding, '')
    .slice(0, 80)
    .replace(/[\uD800-\uDBFF]$/, '');
