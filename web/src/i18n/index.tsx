// Language of the screens: which words, which number and date forms. Times are Viet Nam's.
import { kept, makeStore, useStore } from "../app/store";
import { en } from "./en";
import { makeFormats } from "./formats";
import { vi, type Words } from "./vi";

export type Language = "vi" | "en";

const WORDS: Record<Language, Words> = { vi, en };
const FORMATS = { vi: makeFormats("vi"), en: makeFormats("en") };

const language = makeStore<Language>(kept.get("language") === "en" ? "en" : "vi");

export function setLanguage(next: Language): void {
  kept.set("language", next);
  document.documentElement.lang = next;
  language.set(next);
}

export interface Speech {
  language: Language;
  t: Words;
  f: ReturnType<typeof makeFormats>;
  /** The one of two texts of the server that is in this language. */
  pick: (vietnamese: string, english: string) => string;
}

export function useSpeech(): Speech {
  const now = useStore(language);
  return {
    language: now,
    t: WORDS[now],
    f: FORMATS[now],
    pick: (vietnamese, english) => (now === "vi" ? vietnamese : english),
  };
}

/** A word of a set that may grow on the server before it does here: the bare key then. */
export function wordOf(words: Record<string, string>, key: string): string {
  return words[key] ?? key;
}
