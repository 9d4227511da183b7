import { type RatingPhase } from '../../../shared/ratings/rating-routes';
import { type StudyConfig } from '../../../shared/ratings/study';
import { type AnnotatorModeRepository } from '../studies/annotator-mode-repository';
import { type StoredRater } from '../studies/raters-repository';
import { type StoredStudy } from '../studies/studies-repository';
import { type StudyStore } from '../studies/study-store';
import { type Caller } from './caller';
import { type Progress } from './progress';
import { RatingRefusal } from './refusal';

interface Parts {
  readonly annotatorMode: AnnotatorModeRepository;
  readonly studyStore: StudyStore;
}

/** In which study a page rates, and as whom. */
export interface RatingContext {
  readonly entry: 'desk' | 'link';
  /** Whether ending annotator mode asks for a passphrase. */
  readonly passphrase: boolean;
  readonly study: StoredStudy;
  readonly config: StudyConfig;
  /** null at the desk, between two raters. */
  readonly rater: StoredRater | null;
}

/**
 * A link's rater is the caller's; at the desk it is whoever entered last. Throws `forbidden` where
 * the link's rater is gone, `conflict` where annotator mode is off.
 */
export function ratingContext(
  { annotatorMode, studyStore: { raters, studies } }: Parts,
  caller: Caller,
): RatingContext {
  if (caller.role === 'annotator') {
    const rater = caller.rater === null ? undefined : raters.get(caller.rater);
    const study = rater && studies.get(rater.study);
    if (!rater || !study?.config) {
      throw new RatingRefusal({
        code: 'forbidden',
        message: 'This link has ended: ask the researcher for a new one.',
      });
    }
    return { entry: 'link', passphrase: false, study, config: study.config, rater };
  }
  const mode = annotatorMode.get();
  const study = mode && studies.get(mode.study);
  if (!mode || !study?.config) {
    throw new RatingRefusal({
      code: 'conflict',
      message: 'Annotator mode is off: the researcher begins it on the page of a study.',
    });
  }
  const rater = mode.rater === null ? null : (raters.get(mode.rater) ?? null);
  const passphrase = mode.passphrase !== null;
  return { entry: 'desk', passphrase, study, config: study.config, rater };
}

/** A context in which somebody rates. */
export type RaterContext = RatingContext & { readonly rater: StoredRater };

export function withRater(context: RatingContext): RaterContext {
  const { rater } = context;
  if (rater) return { ...context, rater };
  throw new RatingRefusal({ code: 'conflict', message: 'Enter a code first.' });
}

/** Where somebody stands, from stored facts alone. */
export function phaseOf(
  context: RatingContext,
  withdrawn: boolean,
  progress: Progress,
): RatingPhase {
  const { rater, study } = context;
  if (withdrawn) return 'withdrawn';
  if (study.state !== 'open') return 'closed';
  if (!rater) return 'code';
  if (rater.experience === null) return 'background';
  if (rater.readAt === null) return 'instructions';
  if (rater.consentedAt === null) return 'consent';
  return progress.current ? 'trials' : 'thanks';
}

/** Refuse what belongs to another screen, in the words of where the rater stands. */
export function wrongPhase(phase: RatingPhase): RatingRefusal {
  return new RatingRefusal({ code: 'conflict', message: sentences[phase] });
}

const sentences: Readonly<Record<RatingPhase, string>> = {
  code: 'Enter a code first.',
  background: 'The questions about you come first.',
  instructions: 'The instructions come first.',
  consent: 'Your consent comes first.',
  trials: 'You have begun to rate already.',
  thanks: 'You have rated everything already.',
  withdrawn: 'Your consent was taken back: your labels count no more, and no new ones are taken.',
  closed: 'The study is closed: no more labels are taken. What you gave is kept.',
};
