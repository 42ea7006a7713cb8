"""Words of several languages that say little alone: articles, prepositions, pronouns, auxiliaries, and what people say
around their point ("bitte", "merci"). English ones are in `tokenise`.
"""

from __future__ import annotations

from collections.abc import Mapping

from embedlab.text.tokenise import STOP_WORDS

_WORDS = {
    "German": """aber alle allem allen aller alles als also am an auch auf aus bei beim bin bis bist bitte da dabei
damit danke dann das dass daß dein dem den denn der des die dies diese diesem diesen dieser dieses doch dort durch
ein eine einem einen einer eines er es etwas für gar gegen gibt habe haben hallo hat hatte hätte hier ich ihm ihn
ihnen ihr ihre ihrem ihren ihrer ihres im immer in ist ja jede jeder jetzt kann kein keine keinen können könnte
könnten liebe mal man mein meine meinem meinen meiner mich mir mit möchte muss müssen nach nicht nichts noch nun
nur ob oder ohne schon sehr sei sein seine seinem seinen seiner seit sich sie sind so soll sollte sowie über um und
uns unser unsere unter vielen vom von vor war waren warum was weil wenn wer werde werden wie wieder will wir wird
wo wurde wurden würde zu zum zur zwischen""",
    "French": """ai aux avec avez avoir avons bien bonjour car ce ceci cela celle celui ces cet cette chez comme
comment dans de depuis des donc du elle elles en encore entre est et était être eu fait faire ici il ils je la le
les leur leurs lui ma mais me merci mes moi mon même ne nos notre nous on ont ou où par pas peu peut plus pour
pourquoi quand que quel quelle qui quoi sa sans se ses si son sont sous suis sur ta te tes toi ton tous tout toute
toutes très tu un une va vers vos votre vous été""",
    "Spanish": """al algo ante así aún como con cual cuando cómo de del desde donde dos durante el ella ellas ellos
en entre era es esa ese eso esta estaba estado estar estas este esto estos está están fue gracias ha han hasta hay
he hola la las le les lo los me mi mis muy más ni no nos nosotros nuestra nuestro o para pero poco por porque que
quien qué se ser si sido sin sobre solo son su sus sí también te tengo tiene todo todos tu tus un una unas uno unos
usted y ya yo""",
    "Italian": """abbiamo ai al alla alle allo anche ancora avere che chi ci ciao come con cosa così cui da dal
dalla dalle dei del della delle dello di dove e ed era essere fa fare fra già gli grazie ha hai hanno ho i il in io
la le lei li lo loro lui ma me mi mia mio molto ne nei nel nella nelle noi non nostra nostro o ogni per perché però
più poi può qua quale quando quello questa questo qui sono se sei senza si sia solo su sua sue sul sulla suo ti tra
tu tutti tutto un una uno vi voi è""",
    "Portuguese": """a ao aos as até com como da das de dele dela depois do dos e ela elas ele eles em entre era
essa esse esta este estou está eu foi foram há isso isto já lhe mais mas me meu minha muito na nas nem no nos não
nós o obrigado obrigada olá os ou para pela pelo por porque qual quando que quem se sem ser seu sua são só também
te tem tenho ter tudo um uma você à é""",
    "Dutch": """aan al alle als bedankt ben bij daar dan dat de deze die dit doen door een en er geen graag had
hallo heb hebben heeft het hier hij hoe ik in is je jij jullie kan kunnen kunt maar me meer met mij mijn moet na
naar niet nog nu of om onder ons onze ook op over te toch tot u uit uw van veel voor waar wanneer want was wat we
wel werd wij wil word wordt worden ze zich zij zijn zo zonder zou""",
    "Swedish": """alla att av blev bli blir de dem den denna det detta din du där efter ej eller en ett fick finns
från få får för ha han har hej hon hur här i in inte jag kan man med men mig min mitt mot mycket ni nu när och om
oss på sin ska skulle som så tack till under upp ut var vara vad vi vid vill är över""",
    "Polish": """aby ale bardzo bez bo być był była było by co czy dla do dlaczego dzień dziękuję gdy gdzie i ich
ja jak jako je jej jego jest jestem już kiedy która które który lub ma mam mi mnie mogę moja moje może mój na nie
nie niż o od on ona oraz po pod pomoc proszę przed przez przy są się ta tak tam te tego tej ten to tu tylko tym w
we wszystko z za ze że""",
    "Turkish": """acaba ama artık bana bir biraz biz bu bunu bunun böyle da daha de değil diye en gibi hala hem her
hiç için ile ise kadar ki kim lütfen merhaba mi mı mu mü nasıl ne neden o olan olarak oldu olduğu olur ona onu onun
sen siz son sonra ve var veya ya yok zaman çok çünkü şu şey teşekkürler""",
    "Russian": """а без бы был была были было быть в вам вас весь во вот все всё вы где да для до его ее её ей если
есть еще ещё же за здравствуйте и из или им их к как какой когда кто ли либо меня мне мной мой моя мы на над нам
нас не него нет ни но ну о об он она они оно от очень по под пожалуйста после почему при с свой себя со спасибо так
также там тебя то тоже только ты у уже хочу чего чем что чтобы эта эти это этот я""",
    "Hindi": """अपना अपनी अपने अब अभी आप आपका आपकी और इस इसका इसके इसे उस उसका उसके एक एवं ऐसा कब कर करके करता करते
करना करने करें कहाँ कहां कि किया किसी की कुछ कृपया के को कोई कौन क्या क्यों गई गए गया चाहिए जब जा जाता जाती जाना जो तक तो था
थी थे दिया दें द्वारा धन्यवाद न नहीं नमस्ते ने पर फिर बहुत बाद बिना भी मुझे में मेरा मेरी मेरे मैं मैंने यदि यह
यहाँ या ये रहा रही रहे लिए लेकिन वह वाला वाले वे सकता सकते से सभी साथ हम हमारे हर हाँ ही हुआ हुई हुए हूँ है हैं हो
होता होती होना""",
    "Arabic": """أريد إلى إن أن أنا أنت أو أي أين التي الذي الى ان انا او اي بعد بين تم ثم حتى حيث ذلك شكرا شكراً
على عن عند عندما غير فقط في فيه قبل قد كان كانت كل كما كيف لا لقد لكن لم لماذا لن له لها لو لي ليس ما ماذا متى
مرحبا مع من منذ من فضلك فضلكم منه نحن هذا هذه هل هم هنا هناك هو هي و يا يكون يوجد""",
    "Hebrew": """אבל או אחרי אין איך אך אם אנחנו אני את אתה בבקשה גם הוא היא היה היו הם זאת זה יותר יש כבר כדי כי
כל כמו לא לי למה לפני לכם מאוד מה מי מתי על עד עם עוד ערב רק שלום של שלי שלך שלכם תודה""",
    "Korean": """가능한가요 감사합니다 그 그냥 그런데 그리고 나 내 너무 다시 대한 대해 도와주세요 되나요 되었습니다
돼요 됐어요 됩니다 때 또 또는 매우 무엇 뭐 및 부탁드려요 부탁드립니다 부탁합니다 수 싶습니다 싶어요 아직 안
안녕하세요 안되나요 어디 어떻게 언제 없나요 없습니다 없어요 왜 위해 이 이제 있나요 있는 있습니다 있어요 있을까요 잘
저 저는 저희 정말 제 제가 좀 주세요 지금 하고 하나요 하는 합니다 해 해요 해주세요 했는데 했습니다""",
    "Greek": """αλλά αν από απο αυτά αυτή αυτό αυτός για γιατί δεν είμαι είναι είχα ένα ένας έχει έχω ευχαριστώ ή η
ήταν θα και κατά με μετά μη μην μια μου να ο οι όταν ότι παρακαλώ πολύ που πώς προς πως σας σε στα στη στην στις
στο στον στους τα της τη την τι τις το τον του τους των χωρίς ως""",
    "Vietnamese": """bạn bị các cho chúng có của cũng cảm ơn đã đang để đến đi được gì khi không là làm lại mà mình
một này nào nên nhưng những như nó rất sẽ tại thì tôi trong từ và về với vui lòng vẫn xin""",
    "Indonesian": """ada adalah akan aku anda apa apakah atau bagaimana bisa dalam dan dari dengan di hanya harus
ini itu juga kami karena ke kenapa kita lagi mohon oleh pada sangat saya sebagai sudah tapi telah terima kasih
tidak tolong untuk yang""",
}  # fmt: skip
WORDS: Mapping[str, frozenset[str]] = {name: frozenset(words.split()) for name, words in _WORDS.items()}
"""The function words of each language, case folded."""
LEAST = 0.03
FEWEST = 3  # different ones: “hat” and “man” alone are English


def function_words(counts: Mapping[str, int]) -> frozenset[str]:
    """Return the words that say little in the languages that a corpus is in, English ones always.

    `counts` says how often each folded word comes. A language counts as one of the corpus where its function words,
    those of English left out, make up 3 % of all words, and at least three different ones come.
    """
    total = sum(counts.values())
    spoken = []
    for words in WORDS.values():
        times = [counts[word] for word in words - STOP_WORDS if counts.get(word)]
        if len(times) >= FEWEST and sum(times) >= LEAST * total:
            spoken.append(words)
    return STOP_WORDS.union(*spoken)
