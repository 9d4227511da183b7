import { refuse } from '../../../shared/errors';
import { type RouteParsed } from '../../../shared/routes';
import { type UploadStore } from '../storage/transit/upload-store';

/** Where images of one's own come from: paths on this machine, or what was sent. */
export type ImagesFrom = Pick<
  RouteParsed<'datasets.importImages'>,
  'path' | 'upload' | 'labels' | 'labelsUpload'
>;

/** Refuse none and two of each, naming the field. */
export function requireOneOf({ path, upload, labels, labelsUpload }: ImagesFrom): void {
  if (path === null && upload === null) {
    throw refuse('path', path, 'a folder, archive or list, or one that was sent');
  }
  if (path !== null && upload !== null) throw refuse('upload', upload, 'nothing beside a path');
  if (labels !== null && labelsUpload !== null) {
    throw refuse('labelsUpload', labelsUpload, 'nothing beside a path of labels');
  }
}

/** Work with the paths of images; what was sent stays. */
export function withPaths<T>(
  uploads: Pick<UploadStore, 'read'>,
  from: ImagesFrom,
  work: (at: { readonly path: string; readonly labels: string | null }) => Promise<T>,
): Promise<T> {
  requireOneOf(from);
  const { path, upload, labels, labelsUpload } = from;
  const withLabels = (own: string) =>
    labelsUpload === null
      ? work({ path: own, labels })
      : uploads.read(labelsUpload, (list) => work({ path: own, labels: list.path }));
  if (path !== null) return withLabels(path);
  return uploads.read(upload ?? '', (file) => withLabels(file.path));
}
