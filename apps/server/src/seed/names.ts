import type { Random } from '@plinth/load';

interface Country {
  readonly code: string;
  readonly currency: string;
  readonly taxPpm: number;
  readonly forms: readonly string[];
  readonly cities: readonly string[];
}

const latin = {
  starts:
    'North South East West Blue Green Red Silver Golden High Low Old New Bright Clear Grand Royal Prime First Union'.split(
      ' ',
    ),
  ends: 'stone field brook ridge port gate mill wood bridge view house works mark line point craft lane shore crest dale'.split(
    ' ',
  ),
  trades:
    'Trading Logistics Foods Textiles Metals Optics Software Media Energy Paper Glass Tools Motors Ceramics Design'.split(
      ' ',
    ),
} as const;
const families =
  'Müller Schmidt Schröder Weiß García Fernández Núñez Rossi Bianchi Dubois Lefèvre Kowalski Wiśniewski Łuczak Novák Dvořák Jensen Sørensen Åkesson Öberg Nagy Szabó Papadopoulos Παπαδόπουλος Иванов Петрова Яковлев Yılmaz Şahin Öztürk Ōtani 山田 佐藤 株式会社鈴木 王 李 김 박 شركة_النور חברת_אור Ó_Briain MacDonald'.split(
    ' ',
  );

/** Twenty-five countries, twelve currencies; tax in parts per million. */
export const countries: readonly Country[] = [
  country('DE EUR', 190_000, 'GmbH AG KG', 'Berlin Hamburg München Köln'),
  country('AT EUR', 200_000, 'GmbH', 'Wien Graz Linz'),
  country('FR EUR', 200_000, 'SARL SAS', 'Paris Lyon Nantes'),
  country('ES EUR', 210_000, 'S.L. S.A.', 'Madrid Sevilla Bilbao'),
  country('IT EUR', 220_000, 'S.r.l. S.p.A.', 'Milano Torino Bari'),
  country('NL EUR', 210_000, 'B.V.', 'Utrecht Delft Breda'),
  country('BE EUR', 210_000, 'BV SRL', 'Gent Liège Leuven'),
  country('IE EUR', 230_000, 'Ltd', 'Dublin Cork Galway'),
  country('PT EUR', 230_000, 'Lda.', 'Lisboa Porto Braga'),
  country('GR EUR', 240_000, 'A.E.', 'Αθήνα Πάτρα'),
  country('FI EUR', 255_000, 'Oy', 'Helsinki Turku Oulu'),
  country('GB GBP', 200_000, 'Ltd PLC', 'London Leeds Bristol'),
  country('CH CHF', 81_000, 'AG SA', 'Zürich Genève Basel'),
  country('PL PLN', 230_000, 'sp._z_o.o.', 'Warszawa Łódź Kraków'),
  country('CZ CZK', 210_000, 's.r.o.', 'Praha Brno Plzeň'),
  country('HU HUF', 270_000, 'Kft.', 'Budapest Győr Pécs'),
  country('SE SEK', 250_000, 'AB', 'Malmö Göteborg'),
  country('NO NOK', 250_000, 'AS', 'Oslo Bergen Tromsø'),
  country('DK DKK', 250_000, 'A/S', 'Aarhus Odense'),
  country('TR TRY', 200_000, 'A.Ş.', 'İzmir Bursa'),
  country('US USD', 0, 'Inc. LLC', 'Boston Denver Austin'),
  country('JP JPY', 100_000, 'K.K.', '東京 大阪'),
  country('IL EUR', 170_000, 'Ltd', 'חיפה'),
  country('AE USD', 50_000, 'LLC', 'دبي'),
  country('LU EUR', 170_000, 'S.à_r.l.', 'Luxembourg'),
];

const articles =
  'Consulting|Travel|Maintenance, monthly|Licence "Standard"|Support hours|Steel bracket 40×60 mm|Oak panel|Freight|Set-up|Training day|Cable, 10 m|Sensor head|Printing A3|Storage|Hosting|Inspection|Spare part 4711|Colour: navy blue|Crème brûlée set|包装'.split(
    '|',
  );

function country(place: string, taxPpm: number, forms: string, cities: string): Country {
  const [code = '', currency = ''] = place.split(' ');
  return {
    code,
    currency,
    taxPpm,
    forms: forms.split(' ').map((form) => form.replaceAll('_', ' ')),
    cities: cities.split(' '),
  };
}

export function choose<item>(random: Random, items: readonly item[]): item {
  const item = items[Math.floor(random() * items.length)];
  if (item === undefined) throw new TypeError('There is nothing to choose from.');
  return item;
}

/** `Northbrook Optics Ltd`, `Łuczak & Öberg AB`, `山田 Media K.K.` */
export function companyName(random: Random, { forms }: Pick<Country, 'forms'>): string {
  const form = choose(random, forms);
  const kind = random();
  if (kind < 0.5) {
    return `${choose(random, latin.starts)}${choose(random, latin.ends)} ${choose(random, latin.trades)} ${form}`;
  }
  const family = choose(random, families).replaceAll('_', ' ');
  if (kind < 0.75) return `${family} & ${choose(random, families).replaceAll('_', ' ')} ${form}`;
  return `${family} ${choose(random, latin.trades)} ${form}`;
}

export function article(random: Random): string {
  return choose(random, articles);
}
