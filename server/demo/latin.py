"""Words of the demonstration catalogue in languages written with Latin letters.

For each locale: things (plural, standing for themselves), roles an add-on may
have in its name, sentences and summaries with gaps {t} and {u} for things. The
sentences put things where their form does not change.
"""

from typing import Final

from server.demo.language import Language

LATIN: Final[dict[str, Language]] = {
    "de": Language(
       
        things="Tabs|Lesezeichen|Fenster|Downloads|Notizen|Passwörter|Schriften|Farben|Bilder|Videos|Untertitel"
       
        "|Termine|Aufgaben|Nachrichten|Übersetzungen|Wörterbücher|Tastenkürzel|Mausgesten|Suchmaschinen|Formulare",
        roles="Helfer|Verwalter|Sammler|Wächter|Ordner|Werkzeug|Blick|Zähler|Garten|Schublade",
        names="{t}-{r}|{c} für {t}|{t} und {u}|{r} {c}",
        sentences="Zeigt {t} und {u} übersichtlich in der Seitenleiste."
        "|Mit einem Klick lassen sich {t} sortieren, benennen und wiederfinden."
        "|{t} bleiben auf dem eigenen Rechner und werden nirgendwohin gesendet."
        "|Die Einstellungen erlauben eigene Farben und Regeln für {t}."
        "|Wer viele {t} geöffnet hat, behält damit endlich den Überblick."
        "|Fehler bei {u} bitte mit Adresse der Seite und Versionsnummer melden.",
        summaries="Ordnet {t} und {u} ohne Umwege.|Schnelle {t} für jeden Tag.|{t} im Griff, {u} im Blick.",
    ),
    "fr": Language(
        things="onglets|marque-pages|fenêtres|téléchargements|notes|mots de passe|polices|couleurs|images"
        "|vidéos|sous-titres|rendez-vous|tâches|messages|traductions|dictionnaires|raccourcis|gestes"
        "|recherches|formulaires",
        roles="Assistant|Gestionnaire|Gardien|Carnet|Tiroir|Jardin|Compteur|Lanterne|Atelier|Panneau",
        names="{r} de {t}|{c} pour {t}|{t} et {u}|{r} {c}",
        sentences="Affiche vos {t} et vos {u} dans le panneau latéral."
        "|Un seul clic suffit pour trier, renommer et retrouver vos {t}."
        "|Vos {t} restent sur votre ordinateur et ne sont envoyés nulle part."
        "|Les réglages proposent des couleurs et des règles pour les {t}."
        "|Pratique pour celles et ceux qui gardent trop de {t} ouverts."
        "|Merci de signaler les problèmes de {u} avec l’adresse de la page.",
        summaries="Range vos {t} et vos {u} sans effort.|Des {t} rapides au quotidien."
        "|Vos {t} en ordre, vos {u} aussi.",
    ),
    "es-ES": Language(
       
        things="pestañas|marcadores|ventanas|descargas|notas|contraseñas|fuentes|colores|imágenes|vídeos|subtítulos"
        "|citas|tareas|mensajes|traducciones|diccionarios|atajos|gestos|búsquedas|formularios",
        roles="Ayudante|Gestor|Guardián|Cuaderno|Cajón|Jardín|Contador|Linterna|Taller|Panel",
        names="{r} de {t}|{c} para {t}|{t} y {u}|{r} {c}",
        sentences="Muestra {t} y {u} en la barra lateral."
        "|Con un clic puede ordenar, renombrar y encontrar sus {t}."
        "|Sus {t} permanecen en el equipo y no se envían a ninguna parte."
        "|Las opciones permiten elegir colores y reglas para {t}."
        "|Útil para quien tiene demasiadas páginas, {t} y {u} a la vez."
        "|Si algo falla con {u}, indique la dirección de la página y la versión.",
        summaries="Ordena {t} y {u} sin esfuerzo.|Sus {t}, siempre a mano.|Menos ruido, más {t}.",
    ),
    "it": Language(
        things="schede|segnalibri|finestre|download|note|password|caratteri|colori|immagini|video|sottotitoli"
        "|appuntamenti|attività|messaggi|traduzioni|dizionari|scorciatoie|gesti|ricerche|moduli",
        roles="Assistente|Gestore|Custode|Taccuino|Cassetto|Giardino|Contatore|Lanterna|Officina|Pannello",
        names="{r} {t}|{c} per {t}|{t} e {u}|{r} {c}",
        sentences="Mostra {t} e {u} nella barra laterale."
        "|Basta un clic per ordinare, rinominare e ritrovare {t}."
        "|I dati su {t} restano sul computer e non vengono inviati."
        "|Le opzioni permettono di scegliere colori e regole per {t}."
        "|Comodo per chi tiene aperte troppe pagine tra {t} e {u}."
        "|Segnalare i problemi con {u} indicando indirizzo e versione.",
        summaries="Mette in ordine {t} e {u}.|{t} sempre a portata di mano.|Meno rumore, più {t}.",
    ),
    "pt-BR": Language(
       
        things="abas|favoritos|janelas|downloads|notas|senhas|fontes|cores|imagens|vídeos|legendas|compromissos"
        "|tarefas|mensagens|traduções|dicionários|atalhos|gestos|buscas|formulários",
        roles="Assistente|Gerenciador|Guardião|Caderno|Gaveta|Jardim|Contador|Lanterna|Oficina|Painel",
        names="{r} de {t}|{c} para {t}|{t} e {u}|{r} {c}",
        sentences="Mostra {t} e {u} na barra lateral."
        "|Com um clique você organiza, renomeia e encontra {t}."
        "|Os dados sobre {t} ficam no computador e não são enviados."
        "|As opções permitem escolher cores e regras para {t}."
        "|Ideal para quem abre páginas demais e perde {t} e {u}."
        "|Informe problemas com {u} junto com o endereço da página.",
        summaries="Organiza {t} e {u} sem esforço.|Suas {t}, sempre à mão.|Menos ruído, mais {t}.",
    ),
    "nl": Language(
       
        things="tabbladen|bladwijzers|vensters|downloads|notities|wachtwoorden|lettertypen|kleuren|afbeeldingen"
       
        "|video’s|ondertitels|afspraken|taken|berichten|vertalingen|woordenboeken|sneltoetsen|gebaren|formulieren",
        roles="Hulp|Beheerder|Wachter|Schrift|Lade|Tuin|Teller|Lantaarn|Werkplaats|Paneel",
        names="{t}-{r}|{c} voor {t}|{t} en {u}|{r} {c}",
        sentences="Toont {t} en {u} in de zijbalk."
        "|Met één klik zijn {t} te sorteren, hernoemen en terug te vinden."
        "|Uw {t} blijven op de computer en worden nergens heen gestuurd."
        "|De opties bieden kleuren en regels voor {t}."
        "|Handig voor wie te veel {t} open heeft staan."
        "|Meld problemen met {u} met het adres van de pagina en de versie.",
        summaries="Brengt orde in {t} en {u}.|Snelle {t} voor elke dag.|Minder ruis, meer {t}.",
    ),
    "pl": Language(
       
        things="karty|zakładki|okna|notatki|hasła|czcionki|kolory|obrazy|filmy|napisy|terminy|zadania|wiadomości"
        "|tłumaczenia|słowniki|skróty|gesty|formularze|listy|mapy",
        roles="Pomocnik|Menedżer|Strażnik|Zeszyt|Szuflada|Ogród|Licznik|Latarnia|Warsztat|Panel",
        names="{r}: {t}|{c}: {t} i {u}|{t} i {u}|{r} {c}",
        sentences="Pokazuje {t} i {u} na panelu bocznym."
        "|Jednym kliknięciem można uporządkować {t} oraz znaleźć {u}."
        "|Wszystkie {t} pozostają na komputerze i nie są nigdzie wysyłane."
        "|Opcje pozwalają wybrać kolory i reguły na {t}."
        "|Przydatne, gdy otwarte {t} zajmują cały ekran."
        "|Błędy prosimy zgłaszać z adresem strony i numerem wersji.",
        summaries="Porządkuje {t} i {u}.|Szybkie {t} na co dzień.|Mniej hałasu: {t} i {u}.",
    ),
    "cs": Language(
       
        things="karty|záložky|poznámky|hesla|barvy|obrázky|titulky|schůzky|úkoly|zprávy|překlady|slovníky|zkratky"
        "|formuláře|seznamy|mapy|stránky|hodiny|písně|recepty",
        roles="Pomocník|Správce|Strážce|Sešit|Zásuvka|Zahrada|Počítadlo|Lucerna|Dílna|Panel",
        names="{r}: {t}|{c}: {t} a {u}|{t} a {u}|{r} {c}",
        sentences="Zobrazuje {t} a {u} v postranním panelu."
        "|Jedním kliknutím lze uspořádat {t} a najít {u}."
        "|Všechny {t} zůstávají v počítači a nikam se neposílají."
        "|Nastavení nabízí barvy a pravidla pro {t}."
        "|Hodí se těm, komu otevřené {t} zabírají celou obrazovku."
        "|Chyby prosím hlaste s adresou stránky a číslem verze.",
        summaries="Uspořádá {t} a {u}.|Rychlé {t} na každý den.|Méně hluku: {t} a {u}.",
    ),
    "sv-SE": Language(
       
        things="flikar|bokmärken|fönster|hämtningar|anteckningar|lösenord|typsnitt|färger|bilder|filmer|undertexter"
        "|möten|uppgifter|meddelanden|översättningar|ordlistor|genvägar|gester|sökningar|formulär",
        roles="Hjälp|Hanterare|Väktare|Häfte|Låda|Trädgård|Räknare|Lykta|Verkstad|Panel",
        names="{r}: {t}|{c} för {t}|{t} och {u}|{r} {c}",
        sentences="Visar {t} och {u} i sidofältet."
        "|Med ett klick går det att sortera, byta namn på och hitta {t}."
        "|Dina {t} stannar på datorn och skickas ingenstans."
        "|Inställningarna erbjuder färger och regler för {t}."
        "|Praktiskt för den som har för många {t} öppna."
        "|Rapportera fel med sidans adress och versionens nummer.",
        summaries="Ordnar {t} och {u}.|Snabba {t} varje dag.|Mindre brus, mer {t}.",
    ),
    "tr": Language(
        things="sekmeler|yer imleri|pencereler|indirmeler|notlar|parolalar|yazı tipleri|renkler|görseller"
       
        "|videolar|altyazılar|randevular|görevler|iletiler|çeviriler|sözlükler|kısayollar|hareketler|aramalar|formlar",
        roles="Yardımcısı|Yöneticisi|Bekçisi|Defteri|Çekmecesi|Bahçesi|Sayacı|Feneri|Atölyesi|Paneli",
        names="{t} {r}|{t} için {c}|{t} ve {u}|{c} {r}",
        sentences="Kenar çubuğunda {t} ve {u} için yer açar."
        "|Tek tıklamayla {t} sıralanır, adlandırılır ve bulunur."
        "|Tüm {t} bilgisayarınızda kalır ve hiçbir yere gönderilmez."
        "|Seçeneklerde {t} için renkler ve kurallar bulunur."
        "|Çok sayıda sayfa açan ve {u} arasında kaybolanlar için."
        "|Hataları sayfanın adresi ve sürüm numarasıyla bildirin.",
        summaries="Artık {t} ve {u} düzenli.|Her gün hızlı {t}.|Daha az gürültü, daha çok {t}.",
        dotted=True,
    ),
}
