import { refuse } from '../../../shared/errors';
import { type RouteParsed } from '../../../shared/routes';
import { type UploadStore } from '../storage/transit/upload-store';

/** Where images of one's own come from: paths on this machine, or what was sent. */
export type ImagesFrom = Pick<
  RouteParsed<'datasets.importImages'>,
  'path' | 'upload' | 'labels' | 'labelsUpload' | 'masks' | 'masksUpload'
>;

/** Refuse none and two of each, naming the field. */
export function requireOneOf({
  path,
  upload,
  labels,
  labelsUpload,
  masks,
  masksUpload,
}: ImagesFrom): void {
  if (path === null && upload === null) {
    throw refuse('path', path, 'a folder, archive or list, or one that was sent');
  }
  if (path !== null && upload !== null) throw refuse('upload', upload, 'nothing beside a path');
  if (labels !== null && labelsUpload !== null) {
    throw refuse('labelsUpload', labelsUpload, 'nothing beside a path of labels');
  }
  if (masks !== null && masksUpload !== null) {
    throw refuse('masksUpload', masksUpload, 'nothing beside a path of masks');
  }
}

/** Work with the paths of images; what was sent stays. */
export function withPaths<T>(
  uploads: Pick<UploadStore, 'read'>,
  from: ImagesFrom,
  work: (at: {
    readonly path: string;
    readonly labels: string | null;
    readonly masks: string | null;
  }) => Promise<T>,
): Promise<T> {
  requireOneOf(from);
  const at = <R>(
    path: string | null,
    upload: string | null,
    go: (path: string | null) => Promise<R>,
  ) => (upload === null ? go(path) : uploads.read(upload, (file) => go(file.path)));
  return at(from.path, from.upload, (path) =>
    at(from.labels, from.labelsUpload, (labels) =>
      at(from.masks, from.masksUpload, (masks) => work({ path: path ?? '', labels, masks })),
    ),
  );
}
