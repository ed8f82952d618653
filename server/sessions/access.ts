/** Who may do what with a session. One rule for HTTP and socket, so that a forbidden id and an unknown one look alike. */

export interface Caller {
  email: string;
  roles: readonly string[];
}

export interface Owned {
  ownerEmail: string;
}

/** A person sees, types into and ends only their own sessions; admins have no exception, because terminals hold secrets. */
export function mayUse(caller: Caller, session: Owned | undefined): session is Owned {
  return session !== undefined && session.ownerEmail === caller.email;
}
