import { onBeforeUnmount } from 'vue';
import { type RunRecord } from '../../../shared/records';
import { useClient } from '../../api/client';
import { resource, type Resource } from '../../stores/resource';

/** ROAR runs, newest first, read again when one changes. */
export function useRecentRuns(): Resource<RunRecord[]> {
  const client = useClient();
  const runs = resource<RunRecord[]>([], async () => {
    const list = await client.call('roar.list', {});
    return list.sort((a, b) => b.createdAt.localeCompare(a.createdAt));
  });
  const stops = [
    client.on('run.changed', () => void runs.load()),
    client.onReconnect(() => void runs.load()),
  ];
  onBeforeUnmount(() => stops.forEach((stop) => stop()));
  void runs.load();
  return runs;
}
