// @vitest-environment happy-dom
import { mount } from '@vue/test-utils';
import { describe, expect, it } from 'vitest';
import DataTable, { type Column } from '../../src/renderer/components/DataTable.vue';

interface Row {
  readonly name: string;
  readonly here: number | null;
  readonly part: string;
}
const rows: readonly Row[] = [
  { name: 'first', here: 1, part: 'A' },
  { name: 'second', here: null, part: 'A' },
  { name: 'third', here: 3, part: 'B' },
];
const columns: readonly Column<Row>[] = [
  { id: 'name', label: 'Name', names: true, text: ({ name }) => name },
  {
    id: 'here',
    label: 'Here',
    group: 'Counts',
    number: true,
    span: ({ here }) => (here === null ? 2 : 1),
    text: ({ here }) => here ?? 'none',
  },
  { id: 'there', label: 'There', group: 'Counts', number: true, text: () => 7 },
];

describe('a table of data', () => {
  it('has a caption, names its rows, and puts columns under their groups', () => {
    const wrapper = mount(DataTable<Row, Column<Row>>, { props: { label: 'All', columns, rows } });
    expect(wrapper.find('[role="region"]').attributes('aria-label')).toBe('All');
    expect(wrapper.find('caption').text()).toBe('All');
    const heads = wrapper
      .findAll('thead tr')
      .map((row) => row.findAll('th').map((th) => th.text()));
    expect(heads).toEqual([
      ['Name', 'Counts'],
      ['Here', 'There'],
    ]);
    expect(wrapper.find('th[scope="colgroup"]').attributes('colspan')).toBe('2');
    expect(wrapper.findAll('th[scope="row"]').map((th) => th.text())).toEqual(
      rows.map(({ name }) => name),
    );
  });

  it('lets a cell reach over others, and sets rows under their titles with what is noted', () => {
    const wrapper = mount(DataTable<Row, Column<Row>>, {
      props: {
        label: 'All',
        columns,
        rows,
        under: ({ part }: Row) => part,
        notes: ({ here }: Row) => (here === null ? ['Nothing here.'] : []),
      },
    });
    expect(wrapper.findAll('tbody tr').map((row) => row.text())).toEqual([
      'A',
      'first17',
      'secondnone',
      'Nothing here.',
      'B',
      'third37',
    ]);
    expect(wrapper.find('td[colspan="2"]').text()).toBe('none');
  });

  it('says so where there is no row', () => {
    const wrapper = mount(DataTable<Row, Column<Row>>, {
      props: { label: 'All', columns, rows: [], none: 'None has such a name.' },
    });
    expect(wrapper.text()).toContain('None has such a name.');
  });
});
