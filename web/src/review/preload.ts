// The next case before it is wanted: its JSON, its stills and its clip, as objects in memory, so
// that nothing depends on what the browser's cache keeps.
import { ApiError, signedOut } from "../api/client";
import type { CaseFull } from "../api/types";
import { load } from "../api/useQuery";
import { fileUrl } from "./files";

/** Cases whose pictures are kept: the one on screen, its neighbours, and one that was undone. */
const KEEP_CASES = 6;

interface Media {
  files: Map<string, Promise<string>>;
}

const media = new Map<string, Media>();

function shelf(id: string): Media {
  const found = media.get(id) ?? { files: new Map() };
  media.delete(id);
  media.set(id, found);
  for (const [old, { files }] of media) {
    if (media.size <= KEEP_CASES) break;
    media.delete(old);
    for (const url of files.values()) url.then(URL.revokeObjectURL, () => {});
  }
  return found;
}

/** An object address of the file; rejects with `ApiError` where it is not there. */
export function fileObject(id: string, name: string): Promise<string> {
  const { files } = shelf(id);
  const known = files.get(name);
  if (known) return known;
  const promise = fetch(fileUrl(id, name), { credentials: "same-origin" }).then(
    async (response) => {
      if (!response.ok) {
        if (response.status === 401) signedOut.set(signedOut.get() + 1);
        throw new ApiError(response.status, `http_${response.status}`, null, null, null);
      }
      return URL.createObjectURL(await response.blob());
    },
    () => {
      throw new ApiError(0, "offline", null, null, null);
    },
  );
  files.set(name, promise);
  promise.catch(() => files.delete(name));
  return promise;
}

export function casePath(id: string): string {
  return `/cases/${encodeURIComponent(id)}`;
}

/** Stills and plate first: they decide; the clip after them. */
const ORDER = ["still_act", "still_before", "still_after", "plate_crop"] as const;

export async function prefetchCase(id: string, withClip = false): Promise<void> {
  try {
    const found = await load<CaseFull>(casePath(id), 60_000);
    const stills = ORDER.flatMap((role) => found.files.filter((file) => file.role === role));
    const objects = await Promise.all(stills.map((file) => fileObject(id, file.name)));
    for (const url of objects) {
      const image = new Image();
      image.src = url;
      void image.decode().catch(() => {});
    }
    if (withClip && found.clip) await fileObject(id, found.clip.name);
  } catch {
    // Only a head start: the screen itself will say what is wrong.
  }
}
