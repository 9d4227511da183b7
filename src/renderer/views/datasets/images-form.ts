import { type OwnImages, ownImagesSchema } from '../../../shared/catalogue/own-images';
import { type ErrorData } from '../../../shared/errors';

/** Where images come from, as the form has it. */
export type ImagesSource = 'path' | 'upload';

/** The settings that a person changed. */
export type TypedImages = Partial<OwnImages>;

/** What may be refused of the form, by the fields of the routes. */
export type ImagesErrors = Partial<
  Record<'name' | 'path' | 'labels' | 'masks' | keyof OwnImages, string>
>;

/** What the form itself refuses of the settings. */
export function settingErrors(values: OwnImages): ImagesErrors {
  const { error } = ownImagesSchema.safeParse(values);
  return Object.fromEntries((error?.issues ?? []).map(({ path, message }) => [path[0], message]));
}

const fields = ['name', 'path', 'labels', 'masks', ...Object.keys(ownImagesSchema.shape)];

/** Core's refusal beside the field that it names; null: it names none of them. */
export function refusedField({ field, accepted, message }: ErrorData): ImagesErrors | null {
  const name = field?.replace(/^datasets\.\w+\./, '').replace(/Upload$/, '') ?? '';
  return fields.includes(name) ? { [name]: accepted ?? message } : null;
}

/** Whether images look the same in both. */
export const looksSame = (a: OwnImages, b: OwnImages): boolean =>
  a.size === b.size && a.fit === b.fit && a.grayscale === b.grayscale;
