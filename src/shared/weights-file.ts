/** Endings of the files that weights come in; what a file is, its content says. */
export const weightsEndings: readonly string[] = ['.safetensors', '.pth', '.pt', '.ckpt', '.bin'];

/** The ending of a name, for what is left as a model's name. */
export const weightsEnding = /\.(safetensors|pth|pt|ckpt|bin)$/i;
