/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Words: the table of built-in words, one row a word, one column a language (words.h).
 *
 * Spanish, Portuguese and French avoid, by choice of words, the accents that GSM 03.38 lacks.
 */
#include "menus/words.h"

#include <string.h>

enum { EN, SW, FR, PT, ES, LANGUAGES };

static const char *const codes[LANGUAGES] = {"en", "sw", "fr", "pt", "es"};

static const struct {
	const char *name;
	const char *in[LANGUAGES];
} table[BOOK_WORDS_] = {
	[BOOK_WORD_BACK] = {"back", {"Back", "Rudi", "Retour", "Voltar", "Volver"}},
	[BOOK_WORD_HOME] = {"home", {"Home", "Mwanzo", "Accueil", "Menu", "Inicio"}},
	[BOOK_WORD_MORE] = {"more", {"More", "Zaidi", "Suite", "Mais", "Siguiente"}},
	[BOOK_WORD_RESUME] = {"resume",
                              {"Continue where you stopped?", "Uendelee ulipoishia?",
                               "Reprendre où vous en étiez ?", "Continuar onde parou?",
                               "¿Seguir donde estaba?"}},
	[BOOK_WORD_CONTINUE] = {"continue", {"Continue", "Endelea", "Continuer", "Continuar", "Seguir"}},
	[BOOK_WORD_RESTART] = {"restart",
                               {"Start again", "Anza upya", "Recommencer", "Outra vez", "Empezar de nuevo"}},
	[BOOK_WORD_CHOOSE] = {"choose",
                              {"Please choose a number from the list.",
                               "Tafadhali chagua namba iliyo kwenye orodha.",
                               "Veuillez choisir un chiffre de la liste.", "Escolha um item da lista.",
                               "Elija una de las opciones."}},
	[BOOK_WORD_SEVERAL] = {"several",
                               {"Please answer with numbers from the list, such as 1 3.",
                                "Tafadhali jibu kwa namba za orodha, mfano 1 3.",
                                "Veuillez donner des chiffres de la liste, par exemple 1 3.",
                                "Responda com itens da lista, por exemplo 1 3.",
                                "Elija de la lista, por ejemplo 1 3."}},
	[BOOK_WORD_SEARCH] = {"search",
                              {"Not found. Type a few letters or a number.",
                               "Haipo. Andika herufi chache au namba.",
                               "Introuvable. Tapez quelques lettres ou un chiffre.",
                               "Nada parecido. Escreva as primeiras letras.",
                               "Nada parecido. Escriba las primeras letras."}},
	[BOOK_WORD_SORRY] = {"sorry",
                             {"Sorry, that answer does not fit. Please try again.",
                              "Samahani, jibu hilo halifai. Tafadhali jaribu tena.",
                              "Cette réponse ne convient pas. Veuillez réessayer.",
                              "A resposta tem outro formato. Tente de novo.",
                              "Esa respuesta no sirve. Pruebe de nuevo."}},
	[BOOK_WORD_TRIES] = {"tries",
                             {"Let us stop here for now. Dial again when you are ready.",
                              "Tuishie hapa kwa sasa. Piga tena ukiwa tayari.",
                              "Restons-en là pour le moment. Rappelez quand vous voudrez.",
                              "Vamos parar por agora. Ligue de novo quando quiser.",
                              "Lo dejamos por ahora. Marque de nuevo cuando quiera."}},
	[BOOK_WORD_APOLOGY] = {"apology",
                               {"Sorry, this did not work and it is our fault. Please try again later.",
                                "Samahani, imeshindikana kwa hitilafu yetu. Tafadhali jaribu tena baadaye.",
                                "Désolés, une erreur de notre part. Veuillez réessayer plus tard.",
                                "Pedimos desculpa, a falha foi nossa. Tente mais tarde.",
                                "Lo sentimos, el fallo es nuestro. Pruebe de nuevo en unos minutos."}},
	[BOOK_WORD_LATER] = {"later",
                             {"This takes a little longer. We will text you the result.",
                              "Inachukua muda kidogo. Tutakutumia matokeo kwa SMS.",
                              "Cela prend un peu plus de temps. Nous vous enverrons un SMS.",
                              "Isto demora um pouco mais. Enviaremos o resultado por SMS.",
                              "Esto tarda un poco. Le enviaremos el resultado por SMS."}},
	[BOOK_WORD_AGAIN] = {"again",
                             {"You have had this gift before. It is given once.",
                              "Umeshapata zawadi hii. Hutolewa mara moja tu.",
                              "Vous avez eu ce cadeau. Il est offert une seule fois.",
                              "Esta oferta foi recebida antes. Dá-se uma vez.",
                              "Este regalo se dio antes. Se da una sola vez."}},
	[BOOK_WORD_SWAP] =
		{"swap",
                 {"This SIM or number is new to us. For your safety gifts wait some days. Please try again later.",
                  "Laini au namba hii ni mpya kwetu. Kwa usalama wako zawadi zitasubiri siku chache. Tafadhali jaribu tena baadaye.",
                  "Cette SIM ou ce numéro est récent. Pour votre sécurité, les cadeaux attendent quelques jours. Merci de réessayer plus tard.",
                  "Este SIM ou este contacto é novo. Para sua defesa as ofertas esperam uns dias. Tente mais tarde.",
                  "Este SIM es nuevo para nosotros. Por seguridad los regalos esperan un tiempo. Pruebe en otra fecha."}},
	[BOOK_WORD_DAY] = {"day",
                           {"You have had all your gifts for today. Please come back tomorrow.",
                            "Umepata zawadi zako zote za leo. Tafadhali rudi kesho.",
                            "Vous avez eu tous vos cadeaux pour le moment. Merci de revenir demain.",
                            "Por hoje, recebeu todas as suas ofertas. Volte depois da meia-noite.",
                            "Por hoy no quedan regalos para usted. Vuelva mañana."}},
	[BOOK_WORD_SPENT] =
		{"spent",
                 {"All gifts are given for now. Thank you for asking. Please try again another day.",
                  "Zawadi zote zimetolewa kwa sasa. Asante kwa kuuliza. Tafadhali jaribu tena siku nyingine.",
                  "Tous les cadeaux sont partis pour le moment. Merci de réessayer un autre jour.",
                  "De momento as ofertas terminaram. Tente de novo outro dia.",
                  "Por ahora los regalos se acabaron. Pruebe de nuevo en otra fecha."}},
	[BOOK_WORD_REVIEW] = {"review",
                              {"Thank you! We check it and write to you by SMS.",
                               "Asante! Tunakagua na tutakuandikia kwa SMS.",
                               "Merci ! Nous vérifions et vous écrivons par SMS.",
                               "Vamos verificar e escrevemos-lhe por SMS.",
                               "Lo revisamos y le escribimos por SMS."}},
	[BOOK_WORD_POOR] = {"poor",
                            {"Your balance is too low for this. Please top up and try again.",
                             "Salio lako halitoshi. Tafadhali ongeza salio na ujaribu tena.",
                             "Votre solde est insuffisant. Rechargez et réessayez.",
                             "O seu saldo é pouco para isto. Carregue e tente de novo.",
                             "Su saldo no alcanza. Recargue y pruebe de nuevo."}},
	[BOOK_WORD_BARRED] =
		{"barred",
                 {"Your line cannot receive this at the moment. Our care will gladly help you.",
                  "Laini yako haiwezi kupokea hii kwa sasa. Huduma kwa wateja itakusaidia.",
                  "Votre ligne ne peut pas le recevoir pour le moment. Notre service client vous aidera.",
                  "A sua linha de momento recusa isto. O apoio ao cliente ajuda.",
                  "De momento usted no puede recibirlo. Llame a nuestro servicio al cliente."}},
	[BOOK_WORD_REFUSED] =
		{"refused",
                 {"Sorry, this cannot be given to your line now. Our care will gladly help you.",
                  "Samahani, laini yako haiwezi kupewa hii sasa. Huduma kwa wateja itakusaidia.",
                  "Désolés, votre ligne ne peut pas le recevoir. Notre service client vous aidera.",
                  "Pedimos desculpa, a sua linha recusou. O apoio ao cliente ajuda.",
                  "Lo sentimos, el sistema no lo acepta. Llame a nuestro servicio al cliente."}},
	[BOOK_WORD_DECLINED] =
		{"declined",
                 {"We have checked and cannot give you this gift. Our care will gladly tell you why.",
                  "Tumekagua na hatuwezi kukupa zawadi hii. Huduma kwa wateja itakueleza.",
                  "Vérification faite, nous ne pouvons pas vous donner ce cadeau. Notre service client vous dira pourquoi.",
                  "Foi visto com cuidado e esta oferta fica sem efeito. O apoio ao cliente explica.",
                  "Lo revisamos y no podemos darle este regalo. Pregunte a nuestro servicio al cliente."}},
	[BOOK_WORD_UNSOLD] =
		{"unsold",
                 {"Sorry, this could not be bought now. Nothing was taken from your balance.",
                  "Samahani, haikuweza kununuliwa sasa. Hakuna kilichokatwa kwenye salio lako.",
                  "Désolés, cet achat est impossible pour le moment. Rien n'est pris sur votre solde.",
                  "Pedimos desculpa, a compra falhou. Nada foi tirado do seu saldo.",
                  "Lo sentimos, la compra no se pudo hacer. Su saldo sigue igual."}},
	[BOOK_WORD_UNAGREED] =
		{"unagreed",
                 {"Without your agreement we may not keep this answer, so it was not saved.",
                  "Bila idhini yako haturuhusiwi kutunza jibu hili, kwa hiyo halikuhifadhiwa.",
                  "Sans votre accord, nous ne pouvons pas garder cette réponse. Elle est effacée.",
                  "Sem o seu acordo esta resposta foi descartada.",
                  "Sin su permiso esta respuesta no se guarda."}},
	[BOOK_WORD_ASKED] = {"asked",
                             {"You have asked this number lately. We do not ask again so soon.",
                              "Umeshaialika namba hii karibuni. Hatuulizi tena mapema hivi.",
                              "Ce contact a été invité il y a peu. Merci de patienter.",
                              "Este contacto foi convidado recentemente. Aguarde uns dias.",
                              "Esa persona fue invitada hace poco. Espere un tiempo."}},
	[BOOK_WORD_FULL] = {"full",
                            {"These are as many people as there can be for now. Thank you.",
                             "Hawa ndio watu wengi wanaoruhusiwa kwa sasa. Asante.",
                             "Le nombre de personnes est atteint pour le moment. Merci.",
                             "De momento mais pessoas ficam de fora. Obrigado.",
                             "Por ahora no caben otras personas. Gracias."}},
	[BOOK_WORD_OVER] = {"over",
                            {"This invitation is over. Nothing has changed.",
                             "Mwaliko huu umekwisha. Hakuna kilichobadilika.",
                             "Cette invitation a pris fin. Rien ne change.",
                             "Este convite terminou. Tudo fica como estava.",
                             "Esta invitación acabó. Todo sigue igual."}},
	[BOOK_WORD_YES] = {"yes", {"YES", "NDIYO", "OUI", "SIM", "SI"}},
	[BOOK_WORD_NO] = {"no", {"NO", "HAPANA", "NON", "NAO", "NO"}},
	[BOOK_WORD_BUSY] = {"busy",
                            {"Many people are dialling now. Please try again in a few minutes.",
                             "Watu wengi wanapiga sasa. Tafadhali jaribu tena baada ya dakika chache.",
                             "Beaucoup d'appels en ce moment. Veuillez réessayer dans quelques minutes.",
                             "Muitas pessoas a ligar agora. Tente daqui a pouco.",
                             "Mucha gente llama ahora. Pruebe de nuevo en unos minutos."}},
	[BOOK_WORD_STOPPED] = {"stopped",
                               {"You will get no more messages from us. To begin again send START.",
                                "Hutapata tena ujumbe kutoka kwetu. Kuanza tena tuma START.",
                                "Vous ne recevrez plus de messages de nous. Pour recommencer, envoyez START.",
                                "Deixamos de lhe enviar mensagens. Para voltar a receber envie START.",
                                "No le enviaremos otros mensajes. Para volver a recibir mande START."}},
	[BOOK_WORD_STARTED] =
		{"started",
                 {"Welcome back. You may get messages from us again. To stop send STOP.",
                  "Karibu tena. Utaweza kupata ujumbe wetu tena. Kuacha tuma STOP.",
                  "Content de vous revoir. Vous pouvez à nouveau recevoir nos messages. Pour cesser, envoyez "
                  "STOP.",
                  "Bem-vindo de volta. Vai voltar a receber mensagens. Para parar envie STOP.",
                  "Bienvenido de nuevo. Puede volver a recibir mensajes. Para parar mande STOP."}},
	[BOOK_WORD_HELP] =
		{"help",
                 {"Dial the code for our menu. To get no more messages send STOP.",
                  "Piga namba ya huduma kuona menyu. Kuacha kupata ujumbe tuma STOP.",
                  "Composez le code pour voir le menu. Pour ne plus recevoir de messages, envoyez STOP.",
                  "Ligue para o nosso menu. Para deixar de receber mensagens envie STOP.",
                  "Marque para ver las opciones. Para no recibir mensajes mande STOP."}},
};

const char *words_builtin(enum book_word word, const char *language)
{
	size_t primary = strcspn(language, "-");

	for (size_t i = 0; i < LANGUAGES; i++) {
		if (strlen(codes[i]) == primary && strncmp(codes[i], language, primary) == 0)
			return table[word].in[i];
	}
	return table[word].in[EN];
}

const char *words_name(enum book_word word)
{
	return table[word].name;
}

int words_is_sms(enum book_word word)
{
	return word == BOOK_WORD_STOPPED || word == BOOK_WORD_STARTED || word == BOOK_WORD_HELP;
}
