/** Two dots, joined. */
export function Logo() {
  return (
    <a class="logo" href="/">
      <svg viewBox="0 0 32 32" aria-hidden="true">
        <path
          d="M8 24V13a5 5 0 0 1 5-5h11"
          fill="none"
          stroke="#f4503b"
          stroke-width="5"
          stroke-linecap="round"
        />
        <circle cx="8" cy="24" r="6.5" fill="#f4503b" />
        <circle cx="24" cy="8" r="6.5" fill="#f4503b" />
      </svg>
      dotcast
    </a>
  );
}
