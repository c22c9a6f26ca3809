/** Small drawings, 20 px, in the colour of the text around them. Always beside a word, so hidden from readers. */
import type { ReactNode } from "react";

function Icon({ children }: { children: ReactNode }) {
  return (
    <svg viewBox="0 0 20 20" fill="none" stroke="currentColor" strokeWidth="1.75" strokeLinecap="round" strokeLinejoin="round" aria-hidden="true">
      {children}
    </svg>
  );
}

export const MicrophoneIcon = () => (
  <Icon>
    <rect x="7.5" y="2.5" width="5" height="9" rx="2.5" />
    <path d="M4.5 9.5a5.5 5.5 0 0 0 11 0M10 15v2.5" />
  </Icon>
);
export const MutedIcon = () => (
  <Icon>
    <path d="M12.5 8V5a2.5 2.5 0 0 0-5 0v1M7.5 9.5a2.5 2.5 0 0 0 3.6 1.7M4.5 9.5a5.5 5.5 0 0 0 8.6 4.6M15.4 10.6q.1-.5.1-1.1M10 15v2.5M3 3l14 14" />
  </Icon>
);
export const InterruptIcon = () => (
  <Icon>
    <path d="M10 2.5v15M3.5 8v4M6.5 6v8" />
    <path d="M13.5 8v4M16.5 9v2" strokeDasharray="1 2.4" />
  </Icon>
);
export const HangUpIcon = () => (
  <Icon>
    <path d="M2.8 12.2c4-4.3 10.4-4.3 14.4 0l-1.6 2.1-3-1.2v-2.2a8 8 0 0 0-5.2 0v2.2l-3 1.2z" />
  </Icon>
);
export const ThemeIcon = () => (
  <Icon>
    <circle cx="10" cy="10" r="6.5" />
    <path d="M10 3.5v13a6.5 6.5 0 0 0 0-13z" fill="currentColor" stroke="none" />
  </Icon>
);
export const PersonIcon = () => (
  <Icon>
    <circle cx="10" cy="6.5" r="3.5" />
    <path d="M3.5 17c.6-3.6 3.2-5.5 6.5-5.5s5.9 1.9 6.5 5.5" />
  </Icon>
);
export const ShieldMark = ({ says }: { says: string }) => (
  <svg className="shield" viewBox="0 0 14 16" role="img" aria-label={says}>
    <title>{says}</title>
    <path d="M7 .8 13 3v4.6c0 3.4-2.4 6.2-6 7.6-3.6-1.4-6-4.2-6-7.6V3z" fill="currentColor" />
  </svg>
);
export const BrandMark = () => (
  <svg viewBox="0 0 32 32" strokeWidth="3" strokeLinecap="round" fill="none" aria-hidden="true">
    <path stroke="var(--caller)" d="M6 14v-3M11 14V5M16 14V9" />
    <path stroke="var(--agent)" d="M16 18v5M21 18v9M26 18v3" />
  </svg>
);
