import { StudioError } from '../../shared/errors';

/** Refuse a file of weights for what its tensors or its metadata are. */
export function wrong(file: string, what: string): StudioError {
  return new StudioError({
    code: 'invalid-input',
    message: `${file} ${what}.`,
    field: 'file',
    value: file,
    accepted: 'weights with the architecture’s tensors, named and shaped as in PyTorch',
  });
}
