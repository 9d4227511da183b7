/**
 * What keeps whoever knows the queue’s password away from it, as a clause that begins a step: revoking a join
 * changes nothing there, and a server lets those who are connected stay whatever becomes of their password.
 *
 * @param queue null: nothing is known of it
 */
export function lockOut(
  queue: { readonly username: string; readonly trial: boolean } | null,
): string {
  if (queue?.trial) {
    return 'end `queue try` and start it again with --new-password, which lets nobody stay connected';
  }
  const user = queue ? queue.username || 'default' : 'USER';
  return `change the password in the queue’s server (ACL SETUSER ${user} resetpass >ANOTHER), end the connections that are open with it (CLIENT KILL USER ${user}), and give the new one to this application (Settings, Machines)`;
}
