// Short notes at the foot of the screen that need no answer.
import { useEffect } from "react";
import { Button } from "../design/parts";
import { makeStore, useStore } from "./store";

interface Note {
  id: number;
  text: string;
}

const notes = makeStore<Note[]>([]);
let count = 0;

export function say(text: string): void {
  count += 1;
  notes.set([...notes.get(), { id: count, text }]);
}

function OneNote({ note, closeWord }: { note: Note; closeWord: string }) {
  const drop = () => notes.set(notes.get().filter((n) => n.id !== note.id));
  // Dependencies on purpose: one timer for the life of the note
  useEffect(() => {
    const timer = setTimeout(drop, 4000);
    return () => clearTimeout(timer);
  }, []);
  return (
    <div className="toast">
      {note.text}
      <Button icon="close" aria-label={closeWord} onClick={drop} />
    </div>
  );
}

export function Notes({ closeWord }: { closeWord: string }) {
  const shown = useStore(notes);
  return (
    <>
      {shown.map((note) => (
        <OneNote key={note.id} note={note} closeWord={closeWord} />
      ))}
    </>
  );
}
