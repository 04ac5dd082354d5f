/** Those of eight characters and more at the head of every list of leaked passwords. */
const commonest = new Set(
  `password password1 password12 password123 password1234 passw0rd p@ssword p@ssw0rd pass1234 12345678 123456789
  1234567890 12345678910 0123456789 87654321 987654321 0987654321 11111111 111111111 00000000 88888888 99999999
  12341234 11223344 1122334455 123123123 12121212 13131313 123321123 123454321 147258369 159357159 741852963
  789456123 1q2w3e4r 1q2w3e4r5t 1q2w3e4r5t6y 1qaz2wsx 1qaz2wsx3edc 1qazxsw2 zaq12wsx zaq1zaq1 qwertyui qwertyuiop
  qwerty12 qwerty123 qwerty1234 qwerty12345 qwerty123456 qwertz123 qwertzui qwertzuiop asdfghjk asdfghjkl asdf1234
  asdfasdf qazwsxedc zxcvbnm1 zxcvbnm123 abcd1234 abcdefgh abcdefg1 abc12345 abc123456 a1234567 a12345678 a123456789
  aa123456 aa12345678 letmein1 letmein123 welcome1 welcome12 welcome123 welcome2 iloveyou iloveyou1 iloveyou2
  iloveyou123 iloveyou! sunshine sunshine1 princess princess1 football football1 baseball baseball1 basketball
  superman superman1 batman123 spiderman pokemon1 pokemon123 starwars starwars1 trustno1 whatever whatever1 computer
  computer1 internet michelle jennifer jessica1 michael1 jordan23 charlie1 ashley123 daniel123 anthony1 elizabeth
  alexander victoria1 samantha nicholas benjamin jonathan mustang1 corvette ferrari1 mercedes porsche1 liverpool
  liverpool1 chelsea1 arsenal1 arsenal123 barcelona barcelona1 realmadrid juventus manchester newcastle dolphins
  cowboys1 steelers yankees1 redsox04 lakers24 chocolate butterfly snowball cupcake1 blink182 slipknot metallica
  nirvana1 eminem123 greenday testtest test1234 testing1 testing123 changeme changeme1 changeme123 default1
  administrator admin123 admin1234 admin12345 adminadmin administrator1 root1234 toor1234 guest123 user1234 master12
  master123 dragon12 dragon123 monkey12 monkey123 shadow12 shadow123 killer123 hunter12 hunter123 ranger12 soccer12
  soccer123 hockey12 hockey123 summer12 summer123 winter12 winter123 spring12 spring123 autumn12 autumn123 summer2024
  summer2025 winter2024 winter2025 january1 february1 november december1 monday123 friday123 sommer123 winter01
  passwort passwort1 passwort123 hallo123 hallowelt geheim123 schatz123 sonnenschein schalke04 bayern123 motdepasse
  bonjour1 azertyui azertyuiop azerty123 doudou123 soleil123 contrasena contraseña holahola hola1234 tequiero
  qwe123456 qweasdzxc qweqweqwe zxczxczxc 5201314520 woaini1314 woaini520 asd123456 1314520520 a5201314 google123
  facebook facebook1 linkedin linkedin1 twitter1 myspace1 dropbox1 samsung1 samsung123 iphone123 android1 windows1
  windows10 microsoft linux123 minecraft minecraft1 fortnite roblox123 callofduty playstation xbox360live freedom1
  america1 canada123 london123 paris123 berlin123 january2024 invoice1 invoices company1 company123 secret12
  secret123 secret1234 mypassword mypassword1 thisisapassword correcthorsebatterystaple`.split(
    /\s+/u,
  ),
);
const shortestCycleMax = 4;

/**
 * One that is tried first: in the list above, made of few characters repeated or of a run of neighbours, or no
 * more than what is known of the person.
 */
export function isCommonPassword(password: string, known: readonly string[]): boolean {
  const plain = password.normalize('NFC').toLowerCase();
  if (commonest.has(plain)) return true;
  const bare = plain.replaceAll(/[^\p{L}]/gu, '');
  if (known.some((word) => word.length > 2 && isOnly(plain, bare, word.toLowerCase()))) return true;
  return isCycle(plain) || isRun(plain);
}

/** `anna2024!` of Anna. */
function isOnly(plain: string, bare: string, word: string): boolean {
  return plain === word || bare === word.replaceAll(/[^\p{L}]/gu, '');
}

function isCycle(text: string): boolean {
  for (let length = 1; length <= shortestCycleMax; length += 1) {
    const unit = text.slice(0, length);
    if (unit.repeat(Math.ceil(text.length / length)).slice(0, text.length) === text) return true;
  }
  return false;
}

/** `abcdefgh`, `87654321`. */
function isRun(text: string): boolean {
  const codes = Array.from(text, (character) => character.codePointAt(0) ?? 0);
  const step = (codes[1] ?? 0) - (codes[0] ?? 0);
  if (Math.abs(step) !== 1) return false;
  return codes.every((code, index) => index === 0 || code - (codes[index - 1] ?? 0) === step);
}
