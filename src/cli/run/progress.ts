import { PlannedBuild } from './engine';
import { BuildEvent } from './event';
import { BuildEnd } from './result';
import { Change, Timeline } from './timeline';

/** A build as those see it who show it. */
export interface BuildView {
  readonly build: PlannedBuild;
  /** What it is called where several run: its name, with the namespace where that is not enough. */
  readonly label: string;
  readonly timeline: Timeline;
}

/** Shows what happens while it happens. */
export interface Progress {
  /** An event of a build, and what it changed in its timeline. */
  told(view: BuildView, event: BuildEvent, change: Change): void;

  /** A build is over. */
  ended(view: BuildView, end: BuildEnd): void;

  /** Something to know that is of no build, or of one that is over. */
  note(message: string): void;

  /** Nothing more will come. */
  close(): void;
}
