/** A page of the fictional web that the emulator searches and fetches. */
export interface Page {
  readonly url: string
  readonly title: string
  readonly pageAge: string | null
  readonly text: string
}

export const fakeWeb: readonly Page[] = [
  page(
    'https://example.org/',
    'Example front page',
    null,
    'This page is part of a set of sample pages. They describe everyday topics.',
  ),
  page(
    'https://kitchen.example.org/tea',
    'How to brew tea',
    'March 3, 2024',
    'Green tea needs water of about 80 degrees Celsius. Black tea takes boiling water and four minutes.',
  ),
  page(
    'https://kitchen.example.org/coffee',
    'Coffee at home',
    'June 12, 2024',
    'Freshly ground coffee keeps its aroma for a few minutes only. Sixty grams for a litre of water is a good start.',
  ),
  page(
    'https://kitchen.example.org/bread',
    'Bread from four ingredients',
    'January 20, 2024',
    'Bread needs flour, water, salt and time. A longer rise gives it more flavour.',
  ),
  page(
    'https://kitchen.example.org/cheese',
    'Keeping cheese',
    null,
    'Cheese keeps longer in paper than in plastic. Paper lets moisture out slowly.',
  ),
  page(
    'https://garden.example.org/tomatoes',
    'Tomatoes on a balcony',
    'May 8, 2024',
    'Tomatoes need six hours of sun a day. Water the soil and not the leaves.',
  ),
  page(
    'https://garden.example.org/bees',
    'Bees in the garden',
    'April 30, 2024',
    'Bees find lavender, thyme and clover. A shallow bowl with stones gives them a place to drink.',
  ),
  page(
    'https://garden.example.org/trees',
    'Planting trees',
    null,
    'Trees are best planted in autumn. The hole is twice as wide as the roots.',
  ),
  page(
    'https://example.org/encyclopedia/moon',
    'The Moon',
    'February 14, 2024',
    'The Moon goes around the Earth in about 27 days. The same side always faces the Earth.',
  ),
  page(
    'https://example.org/encyclopedia/rainbow',
    'Why there are rainbows',
    null,
    'A rainbow is sunlight that drops of rain have spread by colour. The Sun is behind the observer.',
  ),
  page(
    'https://example.org/encyclopedia/ocean',
    'Oceans and tides',
    'July 1, 2024',
    'Oceans cover about seven tenths of the Earth. Their tides follow the Moon and the Sun.',
  ),
  page(
    'https://example.org/encyclopedia/cats',
    'Cats',
    null,
    'Cats sleep for more than half of the day. Their whiskers help them to measure the width of a gap.',
  ),
  page(
    'https://example.org/encyclopedia/paris',
    'Paris',
    'September 9, 2024',
    'Paris is the capital of France and lies on the Seine. The city has twenty districts.',
  ),
  page(
    'https://example.org/encyclopedia/chess',
    'The game of chess',
    null,
    'Chess is played on 64 squares. A pawn that reaches the last rank becomes another piece.',
  ),
  page(
    'https://code.example.org/python',
    'Introduction to Python',
    'October 15, 2024',
    'Python is a programming language that marks blocks by indentation. Its whole numbers have no upper limit.',
  ),
  page(
    'https://code.example.org/testing',
    'Testing software',
    'November 2, 2024',
    'Tests of software should be fast and repeatable. A test that needs the network is often slow.',
  ),
  page(
    'https://code.example.org/caching',
    'Caching explained',
    'August 21, 2024',
    'A cache keeps copies of data that is slow to load. An entry is removed when it is out of date.',
  ),
  page(
    'https://news.example.org/weather',
    'Weather: a mild week',
    'January 6, 2025',
    'The weather stays mild this week with some rain. Clear nights may bring frost to the valleys.',
  ),
  page(
    'https://news.example.org/energy',
    'News about solar energy',
    'January 13, 2025',
    'A village has put solar panels on every public roof. They supply the energy for its street lamps.',
  ),
  page(
    'https://news.example.org/robots',
    'News about AI and robots',
    'January 27, 2025',
    'A robot with artificial intelligence has learned to fold shirts. Its makers plan further tests of the AI this year.',
  ),
]

function page(url: string, title: string, pageAge: string | null, text: string): Page {
  return { url, title, pageAge, text }
}
