/** What of a file of weights was not as the studio writes it. */
export interface Adaptation {
  /** What was taken off names, and off how many. */
  readonly prefixes: ReadonlyMap<string, number>;
  /** How many tensors of a type were turned into float32. */
  readonly types: ReadonlyMap<string, number>;
  /** Counts of batches that the file lacks or cannot hold. */
  readonly uncounted: readonly string[];
  readonly leftOut: readonly string[];
  /** Keys of metadata that is not ours. */
  readonly metadata: readonly string[];
}

/** Sentences for a person, on what was done to a file to make it ours; none where nothing was. */
export function adaptationWords(adaptation: Adaptation): string[] {
  const { prefixes, types, uncounted, leftOut, metadata } = adaptation;
  const sentences: string[] = [];
  for (const [prefix, count] of prefixes) {
    sentences.push(
      `The prefix ${prefix} was taken off ${count} ${count === 1 ? 'name' : 'names'}.`,
    );
  }
  for (const [type, count] of types) {
    // Float32 holds every value of half precision.
    const exact = type === 'F16' || type === 'BF16';
    const how = exact ? 'turned into float32 exactly' : 'rounded to float32';
    sentences.push(`${tensorsWere(count)} of type ${type} and ${how}.`);
  }
  if (uncounted.length > 0) {
    const names = listed(uncounted);
    sentences.push(
      `Counts of training batches are missing and start at 0: ${names}. No score depends on them.`,
    );
  }
  if (leftOut.length > 0) {
    sentences.push(`${tensorsWere(leftOut.length)} left out: ${listed(leftOut, 20)}.`);
  }
  if (metadata.length > 0) {
    sentences.push(`Metadata of the file was passed over: ${listed(metadata, 20)}.`);
  }
  return sentences;
}

/** So many names, each of a length that a sentence can hold. */
export function listed(names: readonly string[], most = 5): string {
  const shown = names
    .slice(0, most)
    .map((name) => (name.length > 100 ? `${name.slice(0, 99)}…` : name))
    .join(', ');
  return names.length > most ? `${shown} and ${names.length - most} more` : shown;
}

const tensorsWere = (count: number): string =>
  count === 1 ? '1 tensor was' : `${count} tensors were`;
