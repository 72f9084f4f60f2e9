// Русский: слова первой страницы. Ключи те же, что в en.js.
export default {
  // Общее
  back: "Назад",
  done: "Готово",
  failed: "Ошибка",
  now: "сейчас",
  reload: "Обновить",
  skipToPage: "К странице",
  tryAgain: "Повторить",
  tryNow: "Сейчас",
  pageFailed: "Страница не загрузилась",
  pageFailedHint: "Возможно, нет связи. Ничего не потеряно; обновите, когда она вернётся.",

  // Связь
  connected: "На связи",
  connectedTo: "{machine} · на связи",
  connecting: "Соединение…",
  reconnecting: "Восстановление связи…",
  silent: "Нет ответа",
  machineSilent: "{machine} не отвечает",
  machineOffline: "{machine} не в сети",
  offline: "Нет связи",
  lastHeard: "последний отклик {age} назад",
  refused: "Ретранслятор отклонил соединение",
  refusedRevoked: "Этот вход завершён",
  refusedUpdate: "Ретранслятор обновлён: обновите страницу",
  refusedLimit: "Открыто слишком много страниц",

  // Список
  threads: "Задачи",
  inbox: "Входящие",
  settings: "Настройки",
  newTask: "Новая задача",
  newTaskIn: "Новая задача в {project}",
  searchThreads: "Поиск по задачам",
  searching: "Поиск…",
  filter: "Показать",
  filter_all: "Все",
  filter_waiting: "Ждут",
  filter_running: "В работе",
  filter_unread: "Новые",
  untitled: "Без названия",
  working: "Работает",
  workingFor: "Работает {age}",
  waitsForYou: "Ждёт вас",
  nWaiting: { one: "{n} ждёт", few: "{n} ждут", many: "{n} ждут" },
  nWaitForYou: {
    one: "Вас ждёт {n} вопрос",
    few: "Вас ждут {n} вопроса",
    many: "Вас ждут {n} вопросов",
  },
  nMore: { one: "Ещё {n}", few: "Ещё {n}", many: "Ещё {n}" },
  menuFor: "Действия: {title}",
  loadingThreads: "Загрузка задач",
  loadingMore: "Загрузка…",
  nothingFound: "Ничего не найдено",
  nothingHere: "Здесь пусто",
  noThreads: "Задач пока нет",
  noThreadsHint: "Поставьте задачу: Codex работает на вашей машине, вы следите и решаете отсюда.",
  noneOnline: "Нет машин в сети",
  noneOnlineHint:
    "Задачи появятся, когда машина подключится. Запустите на ней codex-remote anchor.",
  noMachine: "Машин пока нет",
  noMachineHint: "На машине, где работает Codex, выполните:",
  noMachineThen: "Затем откройте ссылку из терминала или введите здесь код.",
  codeTitle: "Подключить машину",
  machineProblem: "{machine}: {problem}",
  problem_app_server_down: "Codex там не запускается.",
  problem_protocol: "там другая версия codex-remote; обновите её.",
  archived: "В архиве",

  // Учётная запись Codex
  limit: "Лимит",

  // Новая задача
  machine: "Машина",

  // Поле ввода
  ready: "Готов",

  // Настройки
  account: "Учётная запись",
  machines: "Машины",
};
