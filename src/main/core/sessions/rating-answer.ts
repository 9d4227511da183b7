import { StudioError } from '../../../shared/errors';
import { questionOf, type Scaled } from '../../../shared/ratings/questions';
import { type RatingTrial } from '../../../shared/ratings/rating-routes';
import { type RouteParsed } from '../../../shared/routes';
import { type Clock, now } from '../storage/environment';
import { type StoredSession } from '../studies/raters-repository';
import { type StudyStore } from '../studies/study-store';
import { type Progress } from './progress';
import { type RaterContext } from './rating-context';
import { RatingRefusal } from './refusal';

interface Parts {
  readonly clock: Clock;
  readonly studyStore: StudyStore;
}

/**
 * Append a label, durable when this returns; `known`: the very same was sent before.
 */
export function recordLabel(
  { clock, studyStore }: Parts,
  { study, config, rater }: RaterContext,
  answer: RouteParsed<'rating.answer'>,
  progress: Progress,
  session: StoredSession | null,
): 'added' | 'known' {
  const { event, position, question, score, telemetry } = answer;
  const trial = reachable(progress, position);
  requireAsked(config.questions, progress.questions(trial), answer);
  const { dataset, image, method, kind, repeat } = trial;
  const at = now({ clock });
  try {
    return studyStore.transaction(() => {
      studyStore.raters.seen(rater.id, at);
      return studyStore.ratingEvents.append({
        event,
        study: study.id,
        rater: rater.code,
        action: progress.score(position, question) === null ? 'rate' : 'change',
        dataset,
        image,
        method,
        question,
        kind,
        repeat,
        score,
        session: session?.id ?? null,
        trial: String(position),
        ...telemetry,
        screenWidth: session?.screenWidth ?? null,
        screenHeight: session?.screenHeight ?? null,
        pixelRatio: session?.pixelRatio ?? null,
        ratedAt: at,
        recordedAt: at,
      });
    });
  } catch (error) {
    if (!(error instanceof StudioError) || error.code !== 'conflict') throw error;
    throw new RatingRefusal({
      code: 'conflict',
      message: 'This answer was sent before with another label: choose again.',
    });
  }
}

/** Refuse an answer to what the trial does not ask, or with a label that the question has not. */
function requireAsked(
  questions: readonly Scaled[],
  asked: RatingTrial['questions'],
  { position, question, score }: RouteParsed<'rating.answer'>,
): void {
  const ids = asked.map(({ id }) => id);
  if (!ids.includes(question)) {
    throw refusedAnswer('question', question, `what trial ${position} asks: ${ids.join(', ')}`);
  }
  const { labels } = questionOf(questions, question);
  if (score <= labels.length) return;
  const scale = labels.map((label, i) => `${i + 1} ${label}`).join(', ');
  throw refusedAnswer('score', score, `a whole number from 1 to ${labels.length} (${scale})`);
}

function refusedAnswer(field: string, value: string | number, accepted: string): RatingRefusal {
  return new RatingRefusal({
    code: 'invalid-input',
    message: `${field} is ${JSON.stringify(value)}; accepted: ${accepted}.`,
    field,
    value: JSON.stringify(value),
    accepted,
  });
}

/** A trial that this rater has come to: one up to the first that is not answered in full. */
export function reachable(progress: Progress, position: number) {
  const last = progress.current?.position ?? progress.total - 1;
  const trial = position <= last ? progress.trials[position] : undefined;
  if (trial) return trial;
  throw new RatingRefusal({
    code: 'invalid-input',
    message: `position is ${position}; accepted: a whole number from 0 to ${last}, the trial that comes next.`,
    field: 'position',
    value: String(position),
    accepted: `a whole number from 0 to ${last}`,
  });
}
