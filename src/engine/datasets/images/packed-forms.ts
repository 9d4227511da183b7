import { cifarForm } from './cifar-form';
import { idxForm } from './idx-form';
import { type PackedForm } from './packed';

/** In which distributions pack many images into one file: one file and one line each. */
export const packedForms: readonly PackedForm[] = [idxForm, cifarForm];
