import { sayingOfPaper } from '../../../../shared/paper-section';
import { type Claim } from '../../../../shared/records';
import { type Publication } from '../publication';
import { htmlTable } from './html-table';
import { html, type Markup } from './markup';
import { section } from './page';
import { columns } from './table';

type Criteria = Pick<Publication, 'claims'>;

const verdictNames: Readonly<Record<Claim['verdict'], string>> = {
  held: 'Held',
  'not-held': 'Not held',
  undecided: 'Undecided',
};

/** By what a claim is judged; empty where the publication does not know it. */
export const criterionOf = ({ claims }: Criteria, claim: Claim): string =>
  claims.find(({ id }) => id === claim.id)?.criterion ?? '';

/** Claims with their verdicts, those that are decided first. */
export function claimSection(
  claims: readonly Claim[],
  publication: Criteria,
  caption: string,
): Markup {
  const order = ({ verdict }: Claim) => (verdict === 'undecided' ? 1 : 0);
  return section(
    'claims',
    'The paper’s claims',
    htmlTable({
      caption,
      columns: columns('Claim', 'Verdict', 'Figures'),
      rows: [...claims]
        .sort((a, b) => order(a) - order(b))
        .map((claim) => [
          sayingOfPaper(claim.section, claim.says),
          html`<span class="verdict ${claim.verdict}">${verdictNames[claim.verdict]}</span>`,
          html`${claim.evidence}<br /><span class="range"
              >${criterionOf(publication, claim)}</span
            >`,
        ]),
    }),
  );
}
