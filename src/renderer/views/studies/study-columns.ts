import { type StudyRecord } from '../../../shared/ratings/study';
import { type Column } from '../../components/DataTable.vue';
import { formatCount, formatWhen } from '../../format';

/** Columns of the tables of studies. */
export const studyColumns = {
  name: { id: 'name', label: 'Study', fills: true },
  version: { id: 'version', label: 'Version', number: true, text: ({ version }) => version },
  state: { id: 'state', label: 'State' },
  raters: {
    id: 'raters',
    label: 'Raters',
    number: true,
    text: (study) => formatCount(study.raters),
  },
  ratings: {
    id: 'ratings',
    label: 'Ratings',
    number: true,
    text: (study) => formatCount(study.ratings),
  },
  created: {
    id: 'created',
    label: 'Created',
    quiet: true,
    text: ({ createdAt }) => formatWhen(createdAt),
  },
} as const satisfies Record<string, Column<StudyRecord>>;
