/**
 * A few things that can be done with something, behind one button.
 *
 * Arrow keys go through it, Escape and a press elsewhere close it. A popover of the browser's, so that nothing cuts it
 * off.
 */

import { type KeyboardEvent, type ReactNode, useId, useRef, useState } from "react";
import { IconButton } from "./button.js";
import styles from "./menu.module.css";

export interface Choice {
  readonly label: string;
  readonly icon?: ReactNode;
  readonly isDangerous?: boolean;
  readonly isDisabled?: boolean;
  readonly onChoose: () => void;
}

export function Menu({
  label,
  icon,
  choices,
}: {
  label: string;
  icon: ReactNode;
  choices: readonly Choice[];
}) {
  const id = useId();
  const list = useRef<HTMLDivElement>(null);
  const button = useRef<HTMLButtonElement>(null);
  const [isOpen, setOpen] = useState(false);

  function items(): HTMLElement[] {
    return [...(list.current?.querySelectorAll<HTMLElement>("[role=menuitem]:not(:disabled)") ?? [])];
  }

  function opened(open: boolean): void {
    setOpen(open);
    if (open) {
      place(button.current, list.current);
      items()[0]?.focus();
    }
  }

  function press(event: KeyboardEvent): void {
    const all = items();
    const at = all.indexOf(document.activeElement as HTMLElement);
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: all.length - 1 }[event.key];
    if (to !== undefined) {
      event.preventDefault();
      all.at(to % all.length)?.focus();
    } else if (event.key === "Tab") {
      list.current?.hidePopover();
    }
  }

  return (
    <>
      <IconButton
        ref={button}
        label={label}
        popoverTarget={id}
        aria-haspopup="menu"
        aria-expanded={isOpen}
        onClick={event => event.stopPropagation()}
      >
        {icon}
      </IconButton>
      <div
        ref={list}
        id={id}
        popover="auto"
        role="menu"
        aria-label={label}
        tabIndex={-1}
        className={styles["menu"]}
        onKeyDown={press}
        onToggle={event => opened(event.newState === "open")}
      >
        {isOpen &&
          choices.map(choice => (
            <button
              key={choice.label}
              type="button"
              role="menuitem"
              tabIndex={-1}
              disabled={choice.isDisabled === true}
              className={choice.isDangerous === true ? styles["danger"] : undefined}
              onClick={() => {
                list.current?.hidePopover();
                button.current?.focus();
                choice.onChoose();
              }}
            >
              {choice.icon}
              {choice.label}
            </button>
          ))}
      </div>
    </>
  );
}

const GAP_PX = 6;

/** Below its button, or above where there is no room; never beyond the edge. */
function place(button: HTMLElement | null, list: HTMLElement | null): void {
  if (button === null || list === null) {
    return;
  }
  const from = button.getBoundingClientRect();
  const { offsetWidth: width, offsetHeight: height } = list;
  const isBelow = from.bottom + GAP_PX + height <= window.innerHeight;
  const top = isBelow ? from.bottom + GAP_PX : Math.max(GAP_PX, from.top - GAP_PX - height);
  const left = Math.min(Math.max(GAP_PX, from.right - width), window.innerWidth - width - GAP_PX);
  list.style.top = `${top}px`;
  list.style.left = `${left}px`;
}
