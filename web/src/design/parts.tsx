// The parts that screens are made of: button, field, badge, keys, tabs, notice, empty state, dialog.
import {
  type ButtonHTMLAttributes,
  type InputHTMLAttributes,
  type ReactNode,
  useEffect,
  useId,
  useRef,
} from "react";
import { Icon, type IconName } from "./icons";

type Tone = "good" | "bad" | "warn" | "accent" | "calm";

export function classes(...names: (string | false | null | undefined)[]): string {
  return names.filter(Boolean).join(" ");
}

interface ButtonProps extends ButtonHTMLAttributes<HTMLButtonElement> {
  look?: "primary" | "plain" | "danger";
  icon?: IconName;
  /** The key that does the same, shown on the button. */
  hotkey?: string | undefined;
  big?: boolean;
}

export function Button({ look, icon, hotkey, big, children, className, ...rest }: ButtonProps) {
  return (
    <button
      type="button"
      className={classes("button", look, big && "big", !children && "square", className)}
      {...rest}
    >
      {icon && <Icon name={icon} />}
      {children}
      {hotkey && <kbd>{hotkey}</kbd>}
    </button>
  );
}

interface FieldProps {
  label: string;
  hint?: ReactNode;
  wrong?: string | null | undefined;
  children: (ids: { id: string; "aria-invalid": boolean; "aria-describedby": string }) => ReactNode;
}

/** A label, its control, and what is wrong with it. */
export function Field({ label, hint, wrong, children }: FieldProps) {
  const id = useId();
  return (
    <div className="field">
      <label className="label" htmlFor={id}>
        {label}
      </label>
      {children({ id, "aria-invalid": Boolean(wrong), "aria-describedby": `${id}-more` })}
      <span id={`${id}-more`} className={wrong ? "wrong" : "hint"} hidden={!wrong && !hint}>
        {wrong ?? hint}
      </span>
    </div>
  );
}

interface TextFieldProps extends Omit<InputHTMLAttributes<HTMLInputElement>, "onChange"> {
  label: string;
  hint?: ReactNode;
  wrong?: string | null | undefined;
  onText: (text: string) => void;
}

export function TextField({ label, hint, wrong, onText, ...rest }: TextFieldProps) {
  return (
    <Field label={label} hint={hint} wrong={wrong}>
      {(ids) => (
        <input className="input" {...ids} {...rest} onChange={(e) => onText(e.target.value)} />
      )}
    </Field>
  );
}

interface SelectFieldProps<T extends string> {
  label: string;
  value: T;
  options: readonly (readonly [T, string])[];
  onPick: (value: T) => void;
}

export function SelectField<T extends string>({
  label,
  value,
  options,
  onPick,
}: SelectFieldProps<T>) {
  return (
    <Field label={label}>
      {(ids) => (
        <select
          className="input"
          {...ids}
          value={value}
          onChange={(e) => onPick(e.target.value as T)}
        >
          {options.map(([key, words]) => (
            <option key={key} value={key}>
              {words}
            </option>
          ))}
        </select>
      )}
    </Field>
  );
}

/** A few exclusive choices that are all worth seeing. */
export function Segments<T extends string>({ label, value, options, onPick }: SelectFieldProps<T>) {
  return (
    <div className="field">
      <span className="label">{label}</span>
      <fieldset className="segments" aria-label={label} style={{ margin: 0 }}>
        {options.map(([key, words]) => (
          <button key={key} type="button" aria-pressed={key === value} onClick={() => onPick(key)}>
            {words}
          </button>
        ))}
      </fieldset>
    </div>
  );
}

export function Badge({
  tone = "calm",
  icon,
  children,
  title,
}: {
  tone?: Tone;
  icon?: IconName;
  children: ReactNode;
  title?: string;
}) {
  return (
    <span className={classes("badge", tone)} title={title}>
      {icon && <Icon name={icon} />}
      {children}
    </span>
  );
}

export function Notice({
  tone = "calm",
  icon,
  children,
  actions,
}: {
  tone?: Tone;
  icon?: IconName;
  children: ReactNode;
  actions?: ReactNode;
}) {
  const shown = icon ?? (tone === "bad" || tone === "warn" ? "warn" : "info");
  return (
    <div className={classes("notice", tone)} role={tone === "bad" ? "alert" : "status"}>
      <Icon name={shown} />
      <div>{children}</div>
      {actions && <div className="actions">{actions}</div>}
    </div>
  );
}

export function Empty({
  icon,
  title,
  children,
}: {
  icon: IconName;
  title: string;
  children?: ReactNode;
}) {
  return (
    <div className="empty">
      <Icon name={icon} />
      <h2>{title}</h2>
      {children}
    </div>
  );
}

/** Grey shapes where rows will stand. */
export function Bones({ rows, height = 44 }: { rows: number; height?: number }) {
  return (
    <div className="stack" aria-hidden="true">
      {Array.from({ length: rows }, (_, i) => (
        <div key={i} className="bone" style={{ height }} />
      ))}
    </div>
  );
}

interface DialogProps {
  title: string;
  wide?: boolean;
  closeWord: string;
  onClose: () => void;
  children: ReactNode;
}

/** A modal dialog; the browser keeps the focus inside and gives it back. */
export function Dialog({ title, wide, closeWord, onClose, children }: DialogProps) {
  const ref = useRef<HTMLDialogElement>(null);
  const titleId = useId();
  useEffect(() => {
    const dialog = ref.current;
    if (!dialog) return;
    const before = document.activeElement;
    dialog.showModal();
    // The browser would focus the closing cross; what is to be filled in comes first.
    const field = dialog.querySelector<HTMLElement>(".body :is(input, textarea, select)");
    field?.focus();
    if (field instanceof HTMLInputElement && field.type === "text") field.select();
    return () => {
      dialog.close();
      if (before instanceof HTMLElement) before.focus({ preventScroll: true });
    };
  }, []);
  return (
    <dialog
      ref={ref}
      className={classes("dialog", wide && "wide")}
      aria-labelledby={titleId}
      onCancel={(e) => {
        e.preventDefault();
        onClose();
      }}
      onKeyDown={(e) => e.stopPropagation()}
    >
      <header>
        <h2 id={titleId}>{title}</h2>
        <Button look="plain" icon="close" aria-label={closeWord} onClick={onClose} />
      </header>
      <div className="body">{children}</div>
    </dialog>
  );
}

export function Tabs<T extends string>({ label, value, options, onPick }: SelectFieldProps<T>) {
  return (
    <div
      className="tabs"
      role="tablist"
      aria-label={label}
      onKeyDown={(e) => {
        const step = e.key === "ArrowRight" ? 1 : e.key === "ArrowLeft" ? -1 : 0;
        if (step === 0) return;
        const at = options.findIndex(([key]) => key === value);
        const to = options[(at + step + options.length) % options.length];
        if (!to) return;
        onPick(to[0]);
        e.currentTarget.querySelectorAll("button")[options.indexOf(to)]?.focus();
      }}
    >
      {options.map(([key, words]) => (
        <button
          key={key}
          type="button"
          role="tab"
          className="tab"
          aria-selected={key === value}
          tabIndex={key === value ? 0 : -1}
          onClick={() => onPick(key)}
        >
          {words}
        </button>
      ))}
    </div>
  );
}
