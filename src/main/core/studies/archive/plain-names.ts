import { plainText } from '../../../../shared/identifying-text';
import { hiddenIn } from '../../../../shared/invisible';
import { type ReadStudy } from './read-archive';

/**
 * An archive with its names in plain text. It is a copy of stored rows, made perhaps before names
 * were made plain, and is never refused for them: what holds characters that nobody sees, or would
 * become another name of the archive, keeps its bytes as it would in the database.
 */
export function inPlainNames(study: ReadStudy): ReadStudy {
  const { manifest, events, raters, trials, sessions } = study;
  const code = mending(
    raters.map((rater) => rater.code),
    (name) => name.toLowerCase(),
  );
  const column = (key: 'dataset' | 'image' | 'method') => {
    const plain = mending(events.flatMap((event) => event[key] ?? []));
    return (name: string | null) => (name === null ? null : plain(name));
  };
  const [dataset, image, method] = [column('dataset'), column('image'), column('method')];
  const renamed = <T extends { readonly name: string }>(one: T): T => ({
    ...one,
    name: plainName(one.name),
  });
  const ofRater = <T extends { readonly rater: string }>(row: T): T => ({
    ...row,
    rater: code(row.rater),
  });
  return {
    ...study,
    manifest: {
      ...manifest,
      study: renamed(manifest.study),
      methods: manifest.methods.map(renamed),
      models: manifest.models.map(renamed),
      runs: manifest.runs.map(renamed),
    },
    runs: study.runs.map(renamed),
    raters: raters.map((rater) => ({ ...rater, code: code(rater.code) })),
    trials: trials.map(ofRater),
    sessions: sessions.map(ofRater),
    events: events.map((event) => ({
      ...ofRater(event),
      dataset: dataset(event.dataset),
      image: image(event.image),
      method: method(event.method),
    })),
  };
}

function plainName(name: string): string {
  const plain = plainText(name);
  return plain === '' || hiddenIn(plain).length > 0 ? name : plain;
}

/** Makes names plain that stay different names so. */
function mending(
  names: readonly string[],
  key: (name: string) => string = (name) => name,
): (name: string) => string {
  const byKey = new Map<string, Set<string>>();
  for (const name of names) {
    const own = key(plainName(name));
    byKey.set(own, (byKey.get(own) ?? new Set()).add(name));
  }
  return (name) => (byKey.get(key(plainName(name)))?.size === 1 ? plainName(name) : name);
}
