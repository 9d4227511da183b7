import type { Architecture } from '../../shared/catalogue/datasets';
import { refuse } from '../../shared/errors';
import type { Kernels } from '../runtime/kernels';
import { createMnistCnn } from './mnist-cnn';
import type { InputNormalisation, Model, ModelForm } from './model';
import { createResnet18 } from './resnet18';

type Factory = (kernels: Kernels, input?: InputNormalisation, form?: ModelForm) => Model;

const factories: Record<Architecture, Factory> = {
  'mnist-cnn': (kernels, input) => createMnistCnn(kernels, input ?? identityInput(1)),
  resnet18: (kernels, input, form) => {
    if (!form) throw refuse('form', form, "resnet18's image shape and number of classes");
    return createResnet18(kernels, form, input ?? identityInput(form.inputShape[2]));
  },
};

/** Pixel values in [0, 1] as they are. */
export function identityInput(channels: number): InputNormalisation {
  return { mean: new Array<number>(channels).fill(0), std: new Array<number>(channels).fill(1) };
}

/**
 * A model with all parameters 0: initialise it or load its weights next. The caller disposes it.
 *
 * @param input normalisation of the pixels; default none
 * @param form what the architecture leaves open: `mnist-cnn` nothing, `resnet18` all of it
 * @throws StudioError `invalid-input` where the architecture needs a form and there is none
 */
export function createModel(
  kernels: Kernels,
  architecture: Architecture,
  input?: InputNormalisation,
  form?: ModelForm,
): Model {
  return factories[architecture](kernels, input, form);
}
