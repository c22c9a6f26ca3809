"""The tutor's ear for English: it mends what is wrong, says why, and leaves correct sentences alone."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest

from antiphon.agents.tutor import grammar
from antiphon.agents.tutor.grammar import correct, find_sentence, improve, warm_up

KNOWLEDGE = Path(grammar.__file__).parent / "knowledge"


@pytest.fixture(scope="module", autouse=True)
def _dictionary_is_loaded() -> None:
    warm_up()


def _as_heard(sentence: str) -> str:
    """The sentence as a recognizer without capitals and full stops would write it."""
    return sentence.lower().rstrip(".?!")


# A school sentence with one mistake or more, and words its correction must contain.
WRONG = """
My friends was waiting for me at the station. | were waiting
Me and Sarah went shopping on Saturday. | Sarah and I
She don't want no help. | any
I have wrote three pages. | written
He runs faster then his brother. | than
We seen a fox in the garden. | saw
Your going to be late. | You're
The teacher gave Tom and I a prize. | me
There is five chairs in the room. | are
He should of asked first. | should have
I didn't knew the answer. | know
She sing very beautiful. | sings
My brother have a new bike. | has
The childrens are playing outside. | children
I am more stronger than him. | stronger
They was laughing at us. | were
He ain't coming. | isn't
I could of won. | could have
Last week we go to the beach. | went
She can swims well. | swim
Who's shoes are these? | Whose
The dog wagged it's tail. | its
I want to loose weight. | lose
There are less cars on the road now. | fewer
Everybody were happy. | was
One of my teachers are ill. | is
Him and his dad is fixing the car. | He and his dad are
I done it yesterday. | did
You was right. | were
I drunk all the milk. | drank
He did good in the exam. | well
Them apples are rotten. | Those
It is between him and I. | me
I never did nothing wrong. | anything
My parents is very strict. | are
The girls in my class is nice. | are
He has came home already. | come
I use to live in Leeds. | used to
This is the most tallest building. | tallest
I brung my lunch. | brought
She teached me to swim. | taught
There dog is huge. | Their
I am to tired to play. | too
The flowers smells lovely. | smell
He go to school by bus. | goes
I gave him an advice. | advice
She has less friends than me. | fewer
We was robbed. | were
Nobody don't like him. | likes
I have saw that programme. | seen
The mens are working. | men
Can you borrow me a pencil? | lend
I look forward to see you. | seeing
It don't matter. | doesn't
My mum and dad is at work. | are
The cat sleep on my bed. | sleeps
He play the guitar every day. | plays
Its my birthday tomorrow. | It's
I feel badder today. | worse
He's taller as me. | than
Did you went to the party? | go
I has a question. | have
The news are bad. | is
We should to leave now. | should leave
I hurted my leg. | hurt
What did you bought? | buy
My sister like dancing. | likes
They're house is bigger than ours. | Their
He laid on the sofa all day. | lay
Both my brother and my sister is tall. | are
My dad and me built a shed. | My dad and I
Us kids was playing in the mud. | were
The pizzas is getting cold. | are
She have never been there. | has
I have broke my pencil. | broken
Him is my best friend. | He
We didn't saw nothing. | see anything
I swum in the lake yesterday. | swam
My uncle drive a lorry. | drives
There was lots of people at the concert. | were
He speaks good English but he writes bad. | badly
The bird hurt it's wing. | its
I think their going to win. | they're
You're dog is very cute. | Your
She is more prettier than her sister. | prettier
He could of been a doctor. | could have
I ain't seen him today. | haven't
Each student have a locker. | has
Somebody have taken my pen. | has
They has gone to the park. | have
The match was awesome, me and my friends enjoyed it. | my friends and I
I telled him to stop. | told
How much apples do you want? | many
I am waiting here since two hours. | for
She must goes home. | go
Does he likes football? | like
I can't find it nowhere. | anywhere
We goes there every summer. | go
He throwed the ball. | threw
I were late for school. | was
It were a long day. | was
This shoes are too small. | These
She was laying on the beach. | lying
The boys don't know where is the ball. | where the ball is
What is the kids doing? | are
Why you didn't come? | didn't you
She said me that she was tired. | told
I have 13 years old. | am
He is a honest man. | an
My hairs are long. | hair
The team won there match. | their
I must of left it on the bus. | have
I like to reads. | read
Her and me are friends. | She and I
If I would have known, I would have come. | had known
They did it theirselves. | themselves
My mum she works in a bank. | My mum works
He don't never listen. | ever
I knowed the answer. | knew
Theirs a problem. | There's
Me likes chocolate. | I like
I'm going to learn you a lesson. | teach
The students has to wear uniform. | have
The weather effects my mood. | affects
This is the worstest day ever. | worst
Lucy and Ben plays chess. | play
I seen that film already. | saw
She runned quick. | quickly
We was so happy when they come yesterday. | were
My teacher don't like when we talk. | doesn't
The shops in town is closed. | are
I have never saw snow. | seen
Him and Jack was fighting. | He and Jack were
There isn't no milk left. | any
Its not fair. | It's not
She is the most cleverest girl in the class. | cleverest
We should of left earlier. | should have
I can't find my keys, have you saw them? | seen
The babies was crying all night. | were
He speak French very good. | speaks
They is coming over later. | are
My cousin and me are going camping. | My cousin and I
Me and my mum made a cake. | My mum and I
I would like a orange. | an orange
Your never on time. | You're
Me brother is ten. | My brother
We have ran out of bread. | run
She laid in bed all day. | lay
This is to hard for me. | too
Nobody know the answer. | knows
Does she has a pet? | have
I writed a poem. | wrote
The music were too loud. | was
My grandad he tells good jokes. | My grandad tells
I am liking this song. | like
They was never told about it. | were
Whose going to help me? | Who's
The effects of the war effected everyone. | affected
He drink too much cola. | drinks
I been to Spain two times. | have been
It's colour is red. | Its
The horse runned very fast. | ran
Some of the children was absent. | were
I didn't do nothing. | anything
We are more happier now. | happier
The boy who sit next to me is funny. | sits
She must goes to bed. | go
Yesterday we play football and win. | played
He gave it to my brother and I. | me
"""
RIGHT = """
My teacher doesn't like it when we talk.
The shops in town are closed on Sundays.
I've never seen so much snow.
There isn't any milk left.
It's not fair that he always gets to choose.
She is the cleverest girl in our class.
The babies were crying all night long.
My cousin and I are going camping next week.
The bus leaves at six and gets there by nine.
We ran out of bread, so I went to the shop.
After the match, the players shook hands.
I was about to leave when the doorbell rang.
She has two brothers who play the drums.
This soup is too hot to eat.
Every one of the windows was open.
The effects of the war were terrible.
What my brother needs is a rest.
He drinks tea with sugar and lemon.
Some of the children were absent.
You look tired, so go to bed early.
The boy who sits next to me is funny.
My little sister can already read and write.
Could I have an orange, please?
In autumn the leaves turn red and fall.
If you see her, tell her I said hello.
Neither answer is right.
The people who live upstairs are very noisy.
We have to hand in our projects tomorrow.
He made me promise not to tell anyone.
Whether we win or lose, we'll have fun.
My dad says that dogs are easier than cats.
There goes the bus!
Here comes the rain again.
I believe that everyone deserves a second chance.
None of us knew what to say.
She can't stand being late.
The moon was full and the sea was calm.
They told us about their trip to Egypt.
Let me know when you get there.
Playing chess makes me think carefully.
Our cat sleeps on my bed and snores.
I'd love to visit Japan one day.
Mice like cheese, don't they?
How did the story end?
Nobody but me liked the film.
My cousins were waiting outside the cinema.
Sarah and I went shopping on Saturday.
She doesn't want any help with the tent.
He hasn't written to me since June.
We saw a fox behind the shed last night.
You're going to love this song.
The coach gave Tom and me a medal.
There are five chairs in the room and one table.
I should have asked my dad first.
The choir sings every Sunday.
My brother has a new bike with red wheels.
Nobody likes to lose.
Who is the girl with the blue bag?
The dog wagged its tail and barked.
It's been a long day.
I want to lose the game on purpose.
There is less time than we thought.
One of my teachers is from Canada.
His dad and mine work together.
Do you know whose shoes these are?
I used to live in Leeds.
That's the tallest building in the city.
She taught me to swim when I was five.
Their dog is huge, but it's friendly.
I am too tired to play.
The flowers smell lovely.
My mum and I bake bread on Sundays.
Could you lend me a pencil?
It doesn't matter what they say.
If it rains, we'll stay in and watch a film.
The boys' coats were on the floor.
Has anyone seen my glasses?
I heard the neighbours arguing again.
Let me and my brother help you.
He made us wait outside for an hour.
Neither my dad nor my uncle plays golf.
The book that you lent me is brilliant.
We had had enough by then.
That that is is.
Running to the bus stop, she slipped on the ice.
My grandmother, who was born in Cork, tells great stories.
How many people live in your house?
Some of the milk has gone off.
Every child in the class has a laptop.
I can't help laughing at him.
Where did you buy that jacket?
She asked me where I lived.
They let their children play in the street.
Not only was he late, but he also forgot his homework.
He plays football and she plays tennis.
I would have gone if you had asked me.
The jury has reached its verdict.
My favourite lessons are art and history.
We could hear birds singing in the trees.
You can come in now, but be quiet.
It was so cold that the lake froze.
The twins look like their mother.
Politics is boring, according to my sister.
When will the dogs need their walk?
She and her friend Amy are in the school play.
A box of old letters was found in the attic.
I have never eaten snails.
He lay on the sofa all afternoon.
Please sit down and listen to me.
Both of them want to be doctors.
What a lovely garden you have!
There's a spider in the bath.
He told them to go home.
Does the bus stop here?
Why don't we go there after school?
Thousands of people were there.
The sheep are in the field.
Whoever did it should own up.
In my opinion, school should start later.
Three weeks is a long time to wait.
I wonder whether she knows.
The rain made the roads dangerous to drive on.
Every day after lunch we read for ten minutes.
Did you see what my friends did?
You and I have the same birthday.
My dad and I built a shed at the weekend.
The pizzas are getting cold.
She has never been on a plane.
I've broken my pencil again.
My uncle drives a lorry for a living.
There were lots of people at the concert.
The bird hurt its wing when it hit the window.
I think they're going to win.
Is that your dog?
Who ate the last biscuit?
Somebody has taken my pen.
The children were too tired to eat.
How many apples do you want?
I have been waiting here for two hours.
He threw the ball over the fence.
Those shoes are too small for you.
The boys don't know where the ball is.
She told me that she was tired.
He is an honest man.
Her hair is long and curly.
If I had known, I would have come.
My mum works in a bank and my dad is a nurse.
Nobody in my family eats meat.
It was she who found the key.
I can hear her singing.
We watched them play until it got dark.
The weather affects my mood.
I hope it rains tomorrow.
Let him finish his lunch.
My sister made me clean her room.
Our neighbours' cat had kittens last week.
What time does the film start?
I'd like to know what they want.
The captain of the ship was very brave.
Half of the cakes have gone.
He asked if I could help him.
The more I read, the more I learn.
She wore a dress and a hat that matched.
Should he go to the doctor?
To be honest, I did not like the ending.
Having a dog means going for walks every day.
My best friend's house is near the river.
Everyone brought their own lunch.
Some people think that school uniforms are a good idea.
In 1939 the war began.
The fire spread quickly through the houses.
There used to be a shop here.
Let's go to the park after tea.
He's got a cold and she's got a headache.
These are the best days of the year.
Dogs bark, cats meow and cows moo.
I know that he plays well.
It takes me ten minutes to walk to school.
Tea with milk is what my gran likes best.
Did they see the lights?
Our team lost their last two matches.
Does anybody know where my keys are?
I've got less homework than you this week.
She left without saying goodbye.
Reading books helps you learn new words.
Lots of my friends have moved away.
The man whose car was stolen called the police.
Maybe we could meet on Friday.
Could you pass me the salt, please?
He can't have forgotten already.
I have a dog, two cats and a rabbit.
They came in and sat down at the back.
We must finish our work before we play.
Three of us were late.
Not everyone was there.
"""


@pytest.mark.parametrize("line", WRONG.strip().splitlines())
def test_a_wrong_sentence_is_mended(line: str) -> None:
    sentence, expected = line.split(" | ")
    for heard in (sentence, _as_heard(sentence)):
        found = correct(heard)
        assert found is not None
        assert expected.lower() in found.corrected.lower()
        assert found.reasons


@pytest.mark.parametrize("sentence", RIGHT.strip().splitlines())
def test_a_correct_sentence_is_left_alone(sentence: str) -> None:
    assert correct(sentence) is None
    assert correct(_as_heard(sentence)) is None


def test_a_correction_is_written_with_a_capital_and_a_full_stop() -> None:
    found = correct("me and him goes to school")
    assert found is not None
    assert found.original == "me and him goes to school"
    assert found.corrected == "He and I go to school."


def test_a_mended_question_ends_with_a_question_mark() -> None:
    found = correct("did you went to the party")
    assert found is not None
    assert found.corrected == "Did you go to the party?"


def test_mending_is_finished_after_one_call() -> None:
    for line in WRONG.strip().splitlines():
        found = correct(line.split(" | ")[0])
        assert found is not None
        assert correct(found.corrected) is None, found.corrected


def test_reasons_can_be_spoken() -> None:
    for line in WRONG.strip().splitlines():
        found = correct(line.split(" | ")[0])
        assert found is not None
        for reason in found.reasons:
            assert reason.endswith(".")
            assert not set("`*_[]{}<>|\\") & set(reason)
            assert len(reason.split()) <= 30


def test_missing_capitals_and_full_stops_of_speech_are_no_mistakes() -> None:
    assert correct("i live in london and my name is priya") is None


def test_a_stammered_word_is_no_mistake() -> None:
    assert correct("I I went to the the park") is None


def test_nothing_said_is_nothing_wrong() -> None:
    assert correct("") is None
    assert correct("  ...  ") is None


REQUESTS = """
Help me improve this sentence: the dogs is barking | the dogs is barking
Help me improve this sentence. The dogs is barking. | The dogs is barking.
is it right to say me and him goes to school | me and him goes to school
Is it right to say me and him goes to school? | me and him goes to school
can you check: she have a cat | she have a cat
how do I fix the sentence the dogs is barking | the dogs is barking
correct this I seen him yesterday | I seen him yesterday
Correct this, I seen him yesterday. | I seen him yesterday
Can you correct this sentence for me? I goed home. | I goed home
Is this sentence correct? He don't like it. | He don't like it
is this sentence right he don't like it | he don't like it
Is this right: we was late | we was late
is we was late correct | we was late
Can I say I am agree with you? | I am agree with you
what's wrong with this sentence: Its raining | Its raining
What's wrong with the sentence I seen him yesterday? | I seen him yesterday
what is wrong with saying he don't know | he don't know
We was late. Is that correct? | We was late
The dogs is barking, can you fix that sentence | The dogs is barking
Could you please check this sentence. My mum cook dinner. | My mum cook dinner
Please fix my sentence, there is many cars | there is many cars
I need help with a sentence. Me and my dad was there. | Me and my dad was there
How can I improve the sentence it was a nice day | it was a nice day
can you make this sentence better, the man walked down the road | the man walked down the road
My sentence is she don't care | she don't care
is it grammatically correct to say between you and I | between you and I
is it okay to say I ain't got none | I ain't got none
Would it be correct to say him and me are friends? | him and me are friends
rewrite this sentence the cat were sleeping | the cat were sleeping
proofread this: their going home | their going home
Can you look at my sentence? The boys has won. | The boys has won
I wrote the boys has won is that right | the boys has won
help me fix this: yesterday I go to the shop | yesterday I go to the shop
Could you tell me if this sentence is correct? She have gone. | She have gone
can you tell me whether this sentence is right: she have gone | she have gone
Does this sentence sound right? Me and Tom is here. | Me and Tom is here
I have a sentence for you, the dogs is barking | the dogs is barking
What do you think of this sentence: it was good | it was good
Let me read you my sentence. The cat sat on it's bed. | The cat sat on it's bed
Can you improve it? The dogs is barking. | The dogs is barking
please correct the dogs is barking | the dogs is barking
Can you correct me if I say we was late | we was late
"""
REQUESTS_WITHOUT_A_SENTENCE = """
Can you help me improve a sentence?
help me with a sentence
can you check my grammar
Can you correct this sentence for me?
Hello, can you check a sentence for me please?
help me improve this sentence
improve this sentence please
how do I make this sentence better
"""
OTHER_QUESTIONS = """
What is a metaphor?
What is a sentence?
How do I write a thesis?
what does it mean to say break a leg
is it I saw or I seen
how can I improve my essay
can you fix my computer please
correct this equation x plus 2
Is it right that Shakespeare wrote Macbeth?
what is 3 plus 4
Can you say that again please
can you say that more slowly
Can I say something
could we do some history now
check my answer x equals four
Can you check if 12 is right
help me with my English homework
How do I start a sentence
what's a complex sentence
Can I write my essay in the first person?
can you help me with fractions
which is correct he don't or he doesn't
How do you say it correctly, I have ate or I have eaten?
is this correct x equals 5
How can I improve a sentence?
Shakespeare was born in 1564, is that right?
Is my answer to question five correct?
Do you say the team is or the team are?
Is it right to say that Macbeth was ambitious?
"""


@pytest.mark.parametrize("line", REQUESTS.strip().splitlines())
def test_the_sentence_is_found_in_the_request(line: str) -> None:
    utterance, sentence = line.rsplit(" | ", 1)
    found = find_sentence(utterance)
    assert found is not None
    assert found.rstrip(".?!").lower() == sentence.rstrip(".?!").lower()


@pytest.mark.parametrize("utterance", REQUESTS_WITHOUT_A_SENTENCE.strip().splitlines())
def test_a_request_without_a_sentence_makes_the_tutor_ask_for_it(utterance: str) -> None:
    assert find_sentence(utterance) == ""
    answer = improve(utterance)
    assert answer is not None
    assert answer[-1].endswith("?")


@pytest.mark.parametrize("utterance", OTHER_QUESTIONS.strip().splitlines())
def test_other_questions_are_not_taken_for_requests(utterance: str) -> None:
    assert find_sentence(utterance) is None
    assert improve(utterance) is None


def test_the_answer_gives_the_corrected_sentence_first_and_then_why() -> None:
    answer = improve("Help me improve this sentence: the dogs is barking")
    assert answer is not None
    assert answer[0] == "I would say: The dogs are barking."
    assert "plural" in answer[1]


def test_a_correct_sentence_earns_praise_and_one_tip() -> None:
    answer = improve("can you check this sentence: it was a very nice day at the beach")
    assert answer is not None
    assert answer[0].startswith("Well done")
    assert "very" in answer[1]
    assert len(answer) == 2


def test_a_repeated_word_is_pointed_out() -> None:
    answer = improve("The castle was old and the castle was dark", awaited=True)
    assert answer is not None
    assert "castle comes twice" in answer[1]


def test_the_awaited_sentence_is_the_whole_utterance() -> None:
    answer = improve("the dogs is barking", awaited=True)
    assert answer is not None
    assert answer[0] == "I would say: The dogs are barking."


def test_an_awaited_sentence_may_come_with_words_around_it() -> None:
    answer = improve("My sentence is we was late", awaited=True)
    assert answer is not None
    assert answer[0] == "I would say: We were late."


def test_a_pupil_who_changes_their_mind_is_let_go() -> None:
    assert improve("never mind", awaited=True) is None
    assert improve("no thanks", awaited=True) is None


def test_no_more_than_three_reasons_are_spoken() -> None:
    answer = improve(
        "correct this: me and him goes to there house and we seen less dogs and he don't know nothing"
    )
    assert answer is not None
    assert len(answer) <= 4


def test_a_long_dictation_is_answered_in_time() -> None:
    dictated = "me and him goes to school " * 200
    started = time.process_time()
    assert correct(dictated) is not None
    assert time.process_time() - started < 0.5


def _lines(name: str) -> list[dict[str, object]]:
    return [json.loads(line) for line in (KNOWLEDGE / name).read_text(encoding="utf-8").splitlines()]


def test_english_notes_can_be_spoken_as_they_stand() -> None:
    notes = _lines("english.jsonl")
    assert len(notes) >= 160
    for note in notes:
        text = str(note["text"])
        assert 25 <= len(text.split()) <= 55, note["id"]
        assert text.endswith("."), note["id"]
        assert not set("[](){}*_#`") & set(text), note["id"]


def test_no_question_is_answered_by_two_notes() -> None:
    asked = [question for note in _lines("english.jsonl") for question in note["questions"]]  # type: ignore[attr-defined]
    assert len(asked) == len({str(question).lower() for question in asked})


@pytest.mark.parametrize(("label", "least"), [("english", 80), ("math", 80), ("other", 60)])
def test_routing_examples_are_distinct_and_labelled(label: str, least: int) -> None:
    examples = _lines(f"routing_{label}.jsonl")
    assert len({str(example["text"]).lower() for example in examples}) == len(examples) >= least
    assert {example["label"] for example in examples} == {label}
