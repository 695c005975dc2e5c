"""The words by which phones say which half of the day it is, in every language that CLDR knows.

WhatsApp writes the time of a message with the phone's own formatter, so these are CLDR's day periods (format forms of
every locale, CLDR as packaged with Babel 2.18), written as `folded` writes them: lower case, without dots, spaces
and hidden characters. `a. m.`, `A.M.` and `am` are one word. Words that two languages use for different halves are
given to the more widespread use; single Latin letters other than a and p are left out.
"""

# ruff: noqa: SIM905 - a thousand words are read more easily without a thousand quotation marks

from __future__ import annotations

import re

_DROPPED = re.compile(r"[\s.\u200b-\u200f\u202a-\u202f'’,،/\-]+")


def folded(word: str) -> str:
    """The form under which a day-period word is looked up."""
    return _DROPPED.sub("", word).casefold()


# The first half of the day.
FORENOON = frozenset(
    """
a aamulla aamup aamupäivällä adduha ag alfajiri am ammorge amvormittag an ankstāinan antemidí ap asubuhi asʊbaa
atm aðmorgni banhaet bn braxkndaax comme damanhã damattin damañá de delamadrugada delamañana delmatin dieoggend
dimattina dimineața dinda dop dopol dopoldan dopoledne dopoludnia dopołdnja dopołedniŏ dumat dumatin délelőtt
ekuseni emëngjesit entathakusa eparadites ertalab fh fm form fɔŋli fọmọ́nin gajaka gh goizald goizaldeko
goizeko goöň günortadanöň hengihengi hh hommikul hoseng iarmade ib ibikɛ̂glà icheheavo idiɓa im inthemorning
isuk iđitbeaivet jutro kangama karoon ki kiroko kiɛmɛ́ɛm krn kusãgki kuêmaramẽ kíkíríg lb leebi lumalwak
lwamilawu ma madalingaraw madrugada makeo mambia maná mat matin matinada matí mañana mbaʼámbaʼ mbaꞌmbaꞌ mo
moies morg morgens muhi munkyo nd ngumaga norīta ntufat ntɔ́ngɔ́ nụtụtụ od omformiddagen ommorgenen pagi
pagisiang pamilau pd pg pgsg piopensuno priekšp priekšpusdienā priešpiet prijepodne prp przedpołudniem
prīškpušdīnē påformiddagen påförm påförmiddagen påmorg påmorgenen påmorgonen rano reggel rn rw rytas ráno rũ sa
saaku sabah safiya sf sochtends sokallim soodo sub subah subaka subbaahi sáng sárúwá sübh səhər taparachu
tengahmalam tesiran tifawt to too uhrvörmiddaachs ujutro ujutru ulloqeqqatatungaa uluchelo utuko vaasisu vm
vorm vormittags wd wichishu yb ybore zdatazal zjut zjutraj zmu àárɔ̀ àárọ̀ öö öğledenönce öň ĩyakwakya ŋ ŋdi
ǁgoagas ɛnkakɛnyá ʊshilèkʊboɖu πμ πρωί τοπρωί а ам апн апоўначы дп наобяд наутро обедтэикеле преподне претпл
претпладне пријеподне проб ранку сутринта сүбһ сәһәр таңкы таңғы то тң утра ујутру эи эрталаб эртеңменен јутро
үө ӕмбисбоныразмӕ өглөө ա առավոտյան בבוקר בוקר פֿאַרמיטאָג اےایم بامداد بن تاڭعى تد ص صباحا صباحًا صبح
صبحمنجهند صبحمیں غم فجرًا فيالصباح ق قبلازظهر قظ چب چۈشتىنبۇرۇن ܏ܩ ܏ܩܛ ߛ एएम तडके पहाट पूर्वाह्न फुं बिहान भोर
भ्यागा येएम सकाळ सकाळीं सबेरे सवेर सुबह सुबुहजा এএম নুমাং ভোর ভোরবেলায় সকাল সকালবেলায় ਪੂਦੁ ਸ ਸਵੇਰੇ સવારે ଏ
ଏଏମ ପୂ அதிகாலை காலை ఉ ఉదయం ఎ ఎఎమ్ ಬೆಳಗ್ಗೆ പുലർച്ചെ രാവിലെ උදේ පාන්දර පෙ පෙව ก่อนเที่ยง ในตอนเช้า ກ່ອນທ່ຽງ
ຕອນເຊົ້າ སྔ་ཆ་ སྔ་དྲོ་ နံနက် დილ დილით ማለዶ ቀደምሰርምዕል ቅቀ ጠ ጥዋት ጽባሕ ፋዱስጃብ Ꮜ ᏌᎾᎴ ᐁᒼ ᐊᒼ នៅពេលព្រឹក ᠦ᠂ᠥ ᱥᱮᱛᱟᱜ ⵜⵉⴼⴰⵡⵜ
上午 午前 早上 朝 朝早 清晨 ꎸꄑ मपू முற்பகல் 아침 오전 𐐰𐑋 𐑨𐑥 𑄛𑄧𑄖𑄳𑄠𑄃𑄟𑄧𑄣𑄳𑄠𑄬 𑄝𑄬𑄚𑄳𑄠𑄬 𞤢 𞤢𞤰
""".split()
)
# The second half.
AFTERNOON = frozenset(
    """
abends ak akasuba akşam akşamüstü aluula amnamittag apm aprèsmidi arrats arratsaldeko axşamüstü aðkvöldi
banringzgvaq baubaukndaax carra ch chilo chiều cɛɛ́nko danoite daseia datarde delapm delaprèsmidi delatarde
delpomeriggio desira dieaand diemiddag dilolo dipomeriggio disera dopahar dopoidisnâ du dupăamiaza dusoir
délután ea eahketbeaivet eb ebongi ebyámu efiafi eftermade eguerd eguerdiko eh eigulo em embrëmjes emini ep
epasdites este etterm ew fi fiẽ fọívnin gd gm gosoň gündüz günortadansoň gɩjibɔŋɔ gɩshilikɔnɔ gɩteŋshile
hawwaro hwaĩinĩ ichamthi illalla iltap iltapäivällä iluntz iluntzeko in intheafternoon intheevening ip iɓugajɔp
jioni karukaramẽ kechqurun kikiiɗe kingoto kisɛ́ndɛ koosk kooskoliny kugú kunduzi kutykỹ kveld kyiukonyi lilli
lk lumalwap makaaripi mchana mchochill md migdia mittags mog mpókwa muu nabali nabalị nachm nachmittags nam
navečer ncwònzém nggabi nghapon ngo ngəgógəle nm nomë nomëttes ntambama ntmeddit nyiaghuo odp odpoledne
omaftenen omeftermiddagen ot p pamunyi papussideinan pashamihe petang piecpušdīnē pipinisuno pitunaramẽ pm pn
pop popiet popietė popod popodne popol popoldan popoludní popołdnju popołedniu popołudniu poslijepodne posmidí
ptg ptm pärastlõunal påefterm påeftermiddagen påettermiddagen påkvelden påkvällen pēcp pēcpusd pēcpusdienā
rãkãnhkỹ sanje savonds seara shaam shwane smiddags sn soir sore sorémalem soň srmlm síðdegis tadggʷat tarda
tarde teipa tengahhari thapama tk tŋ tối uhrnommendaachs uk ulloqeqqatakingorna ut uveče vakaras vakarā
vesprada vespre več veče večer wb wengi wieczorem wótp wótpołdnja yamma yh ym yprynhawn yrhwyr zaabig zaarikayb
zmittag zmw zveč zvečer õhtul ös öğledensonra ĩyawĩoo ŋdɔ ŋkambɔ́tnji ũg ǃuias ɔ̀sán ɛndámâ ɣ ɣetrɔ
ʊshilèkʊsasʊ απόγ μεσημ μμ τοαπόγευμα τομεσημέρι апд апоўдні ахшамүстү вече вечера вечерта вечора дня кечинде
кечқурун кешкі кундузи навечер обедтэмейле орой п пм попл попладне попод поподне послијеподне пп следобед слоб
тк түстенкейінгі түштөнкийин түштөнкийинки увече уподне эк ҝүндүз үх ӕмбисбоныфӕстӕ өдөр երեկոյան հ ցերեկը
ցերեկվա אחרהצהריים בערב בצהריים נאָכמיטאָג ערב צהריים ب بظ بعدازظهر بعدازچاشت بعدالظهر تك تۇستەنكەيىنگى دن
دوپہر دوپہرمیں سہپہر شام شاممنجهند شاممیں ظهر ظهرًا عصر غو ك كەش كەشى م مساء مساءً منجهندشام پیایم چك
چۈشتىنكېيىن ܏ܒ ܏ܒܛ ߥ अपरान्ह अपराह्न दपेहरासंजा दपैहरबाद दुपार दोपहर पीएम बे बेलासे बेलुकी शाम शामजा संध्याकाळ
सञ साँझ सांजे सांझ सांम দুপুর দুপুরবেলায় পিএম বিকাল সন্ধ্যা সন্ধ্যাবেলায় ਦੁਪਹਿਰੇ ਬਾਦੁ ਸ਼ ਸ਼ਾਮੀਂ બપોરે સાંજે ଅ
ପି ପିଏମ அந்திமாலை பிற்பகல் மதியம் மாலை పి పిఎమ్ మధ్యాహ్నం సా సాయంత్రం ಮಧ್ಯಾಹ್ನ ಸಂಜೆ ഉച്ചതിരിഞ്ഞ് ഉച്ചയ്ക്ക്
വൈകുന്നേരം സന്ധ്യ දවල් ප පව හවස ค่ำ บ่าย หลังเที่ยง ในตอนบ่าย ในตอนเย็น ຕອນບ່າຍ ຕອນແລງ ຫຼັງທ່ຽງ ཕྱི་ཆ་ ཕྱི་དྲོ་
ညနေ နေ့လယ် ნაშუადღ ნაშუადღევს საღ საღამოს ሓቆስርምዕል ምሴት ቃማ በምሽት ከ ከሰዓት ድቀ ፋዱስደምቢ Ꮢ ᏒᎯᏱᎢ ᏒᎯᏱᎢᏗᏢ ᐲᒼ នៅពេលរសៀល
នៅពេលល្ងាច ᠦ᠂ᠬᠣ ᱧᱤᱫᱟᱹ ḍeffiraza ọ̀sán ⵜⴰⴷⴳⴳⵯⴰⵜ 下午 下昼 下晝 午後 夕方 夜晚 昼 晚上 ꁯꋒ मउ 오후 저녁 𐐹𐑋 𐑐𐑥
𑄘𑄨𑄝𑄪𑄎𑄳𑄠 𑄝𑄬𑄣𑄳𑄠𑄬 𑄥𑄎𑄧𑄚𑄳𑄠 𞤩 𞤩𞤰
""".split()
)
# Seen on both sides of midnight: 6 to 11 is the evening, 12 to 5 the small hours.
NIGHT = frozenset(
    """
aadhiraat atnight axşam aðnóttu canolnos damadrugada daneutte delanoche delanuit dienag dinotte ebusuku
emesnatës enatës gajanɩ gaueko gauerdia gece geceyarısı gecə gecəyarı hajnal hatinggabi kechasi keskiyöllä
keskööl kurãge kutysi lamiezulnopții malam meianoite mezzanotte middernacht middernag midn midnat midnatt
midnight miezulnopții min minuit mitjanit mitternacht miðnætti mëzaneutte nachts naktis naktī natt nit noaptea
noche noću nửađêm omnatten opoln opolnoci opolnoči opółnocy pitunaetéramẽ pitunapyterupé ponoć ponoći ponoči
pusnaktī pånatta pånatten půln půlnoc raat saasitazausiku snachts usiku vidurnaktis vn vnoci wnocy yarimtun
yöllä znacht zã éjfél éjjel öösel đêm βράδυ τοβράδυ ахшам кечаси ночи ночі ноћу ноќе полн полночь полноќ
полунощ поноћ презнощта түнгі түнжарымы түничинде түнортосу шөнө шөнөдунд яримтун ҝеҹә ҝеҹәјары գիշերը գիշերվա
կեսգիշեր կեսգիշերին בלילה חצות לילה לפנותבוקר ءتۇنجارىمى آدھیرات تۇنگى رات راتمیں شب فيالمساء ل ليلاً نیمهشب
मध्यरात मध्यरात्र मध्यरात्रि रात रात्र রাত্রি রাত্রিবেলায় ਅੱਧੀਰਾਤ ਰਾਤੀਂ મધ્યરાત્રિ રાત્રે இரவு நள்ளிரவு
అర్ధరాత్రి రాత్రి ಮಧ್ಯರಾತ್ರಿ ರಾತ್ರಿ അർദ്ധരാത്രി രാത്രി මැදියම මැදියමටපසු රෑ กลางคืน เที่ยงคืน ກາງຄືນ ຕອນກາງຄືນ
ທ່ຽງຄືນ ည သန်းခေါင်ယံ ღამ ღამით შუაღამეს በሌሊት እኩለሌሊት នៅពេលយប់ អធ្រាត្រ 凌晨 午夜 夜 夜中 真夜中 밤 자정 𑄢𑄬𑄖𑄴
""".split()
)
# Around noon: 11 and 12 stand, 1 is 13.
MIDDAY = frozenset(
    """
adhuhuri amiază canoldydd delmediodía domediodía dél emesditës günorta hádegi iandéarapyturepé keskip
keskipäivällä keskpäeval kurãkuju laamiază madhyanh mediodía meiodia mezzogiorno midday midi mëzogiorno napol
napoludnie noon opold opoldne perpiet podne pol poledne pusd pusdienlaikā saasitazamchana siang tanghalingtapat
tr trưa tushpayti wpołudnie öğle напладне подне полд полдень тушпайти түскі чактүш ҝүнорта үддунд կեսօր կեսօրին
تۇسكى मध्यान्ह நண்பகல் ഉച്ച මධ්යාහ්නය เที่ยง ຕອນທ່ຽງ မွန်းတည့် შუადღ შუადღეს ቀትር ᎢᎦ ថ្ងៃត្រង់ 中午 正午 정오
""".split()
)
