// Who is signed in. A session that ends while somebody works does not clear the screen: the sign-in
// opens above it, and what was being done is still there.
import { ApiError, post, request, setCsrf, signedOut } from "../api/client";
import type { Session } from "../api/types";
import { forgetAll } from "../api/useQuery";
import { makeStore, useStore } from "./store";

export interface SessionState {
  session: Session | null;
  /** The server said that nobody is signed in while `session` still names somebody. */
  ended: boolean;
  error: ApiError | null;
  /** Counts people: screens start anew when it changes. */
  person: number;
}

const state = makeStore<SessionState>({ session: null, ended: false, error: null, person: 0 });

signedOut.watch(() => {
  const now = state.get();
  if (now.session?.account) state.set({ ...now, ended: true });
});

function enter(session: Session): void {
  const before = state.get();
  setCsrf(session.csrf);
  const same = before.session?.account?.name === session.account?.name;
  if (!same) forgetAll();
  state.set({
    session,
    ended: false,
    error: null,
    person: same ? before.person : before.person + 1,
  });
}

export function useSession(): SessionState {
  return useStore(state);
}

export function accountName(): string | null {
  const now = state.get();
  return now.ended ? null : (now.session?.account?.name ?? null);
}

export const sessionStore = state;

export async function askSession(): Promise<void> {
  try {
    enter(await request<Session>("GET", "/session"));
  } catch (cause) {
    const error = cause instanceof ApiError ? cause : new ApiError(0, "broken", null, null, null);
    state.set({ ...state.get(), error });
  }
}

export async function signIn(name: string, password: string): Promise<void> {
  enter(await post<Session>("/session", { name, password }));
}

export async function createFirst(values: {
  code: string;
  name: string;
  full_name: string;
  password: string;
}): Promise<void> {
  enter(await post<Session>("/first-run", values));
}

export async function changePassword(old: string, next: string): Promise<void> {
  enter(await post<Session>("/session/password", { old, new: next }));
}

export async function signOut(): Promise<void> {
  await request<void>("DELETE", "/session");
  await askSession();
}
