// One way to the server: CSRF token, errors in the person's language, and what the connection is
// worth right now. Knows no screen.
import { makeStore } from "../app/store";

export interface Words {
  vi: string;
  en: string;
}

/** Why a request failed. `status` 0: the server could not be reached. */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    readonly words: Words | null,
    readonly field: string | null,
    readonly retryAfterS: number | null,
  ) {
    super(`${status} ${code}`);
  }
}

/** `away`: the server answers, its database does not. */
export type Connection = "online" | "offline" | "away";

export const connection = makeStore<Connection>("online");
/** Counts answers "not signed in" to requests that were made as somebody. */
export const signedOut = makeStore(0);

let csrf: string | null = null;

export function setCsrf(token: string | null): void {
  csrf = token;
}

interface ErrorBody {
  error?: {
    code?: string;
    vi?: string;
    en?: string;
    field?: string | null;
    retry_after_s?: number | null;
  };
}

async function failure(response: Response): Promise<ApiError> {
  let body: ErrorBody = {};
  try {
    body = (await response.json()) as ErrorBody;
  } catch {
    // A proxy's page, not our server's words: the status alone must do.
  }
  const e = body.error ?? {};
  const words = e.vi && e.en ? { vi: e.vi, en: e.en } : null;
  return new ApiError(
    response.status,
    e.code ?? `http_${response.status}`,
    words,
    e.field ?? null,
    e.retry_after_s ?? null,
  );
}

export interface Options {
  signal?: AbortSignal;
  /** Lets the request outlive the page. */
  keepalive?: boolean;
}

/** A request under `/api/v1`; `undefined` for an answer without a body. */
export async function request<T>(
  method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE",
  path: string,
  body?: unknown,
  options: Options = {},
): Promise<T> {
  const headers: Record<string, string> = { accept: "application/json" };
  if (body !== undefined) headers["content-type"] = "application/json";
  if (method !== "GET" && csrf) headers["x-giaolo-csrf"] = csrf;
  let response: Response;
  try {
    response = await fetch(`/api/v1${path}`, {
      method,
      headers,
      credentials: "same-origin",
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      ...options,
    });
  } catch (cause) {
    if (cause instanceof DOMException && cause.name === "AbortError") throw cause;
    connection.set("offline");
    throw new ApiError(0, "offline", null, null, null);
  }
  connection.set(response.status === 503 ? "away" : "online");
  if (!response.ok) {
    const error = await failure(response);
    if (response.status === 401 && !path.startsWith("/session")) signedOut.set(signedOut.get() + 1);
    throw error;
  }
  if (response.status === 204) return undefined as T;
  return (await response.json()) as T;
}

export const get = <T>(path: string, options?: Options) =>
  request<T>("GET", path, undefined, options);
export const post = <T>(path: string, body: unknown, options?: Options) =>
  request<T>("POST", path, body, options);

/** A query string without its empty values. */
export function queryString(values: Record<string, string | number | null | undefined>): string {
  const query = new URLSearchParams();
  for (const [key, value] of Object.entries(values)) {
    if (value !== null && value !== undefined && value !== "") query.set(key, String(value));
  }
  const text = query.toString();
  return text === "" ? "" : `?${text}`;
}
