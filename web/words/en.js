// English: the words of the first page. Every language has the same keys (a test compares them); a word with forms has
// those of its plural rules.
export default {
  // Everywhere
  back: "Back",
  done: "Done",
  failed: "Failed",
  now: "now",
  reload: "Reload",
  skipToPage: "Skip to the page",
  tryAgain: "Try again",
  tryNow: "Try now",
  pageFailed: "This page could not be loaded",
  pageFailedHint: "The link may be down. Nothing is lost; reload when it is back.",

  // Link
  connected: "Connected",
  connectedTo: "{machine} · connected",
  connecting: "Connecting…",
  reconnecting: "Reconnecting…",
  silent: "No answer",
  machineSilent: "{machine} does not answer",
  machineOffline: "{machine} is offline",
  offline: "Not connected",
  lastHeard: "last heard {age} ago",
  refused: "The relay refused the connection",
  refusedRevoked: "This sign-in was ended",
  refusedUpdate: "The relay was updated: reload the page",
  refusedLimit: "Too many pages are open",

  // List
  threads: "Threads",
  inbox: "Inbox",
  settings: "Settings",
  newTask: "New task",
  newTaskIn: "New task in {project}",
  searchThreads: "Search threads",
  searching: "Searching…",
  filter: "Show",
  filter_all: "All",
  filter_waiting: "Waiting",
  filter_running: "Running",
  filter_unread: "Unread",
  untitled: "Untitled",
  working: "Working",
  workingFor: "Working {age}",
  waitsForYou: "Waits for you",
  nWaiting: { one: "{n} waiting", other: "{n} waiting" },
  nWaitForYou: { one: "{n} thing waits for you", other: "{n} things wait for you" },
  nMore: { one: "Show {n} more", other: "Show {n} more" },
  menuFor: "Actions for {title}",
  loadingThreads: "Reading threads",
  loadingMore: "Reading more…",
  nothingFound: "Nothing found",
  nothingHere: "Nothing here",
  noThreads: "No threads yet",
  noThreadsHint: "Start a task: Codex works on your machine, you watch and decide from here.",
  noneOnline: "No machine is online",
  noneOnlineHint: "Threads appear here once a machine connects. Start codex-remote anchor on it.",
  noMachine: "No machine yet",
  noMachineHint: "On the machine where Codex runs, run:",
  noMachineThen: "Then open the link that it shows, or type its code here.",
  codeTitle: "Approve a machine",
  machineProblem: "{machine}: {problem}",
  problem_app_server_down: "Codex does not start there.",
  problem_protocol: "codex-remote is of another version there; update it.",
  archived: "Archived",

  // Codex's own account
  limit: "Limit",

  // New task
  machine: "Machine",

  // Composer
  ready: "Ready",

  // Settings
  account: "Account",
  machines: "Machines",
};
