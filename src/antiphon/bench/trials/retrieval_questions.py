"""Questions as callers might put them, none of them an article's own, and the articles that answer them."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Asked:
    """A question, and the ids of the articles that answer it; none: nothing of ours does."""

    text: str
    answers: tuple[str, ...] = ()


_PLAIN = """
what is the price of a subscription | plans
is there something I can use without paying | plan-free
what comes with Starter | plan-starter
what's included in the Team subscription | plan-team
what would we get with Business | plan-business
we have more than a hundred employees, which plan is for us | plan-enterprise
is there a discount if we pay for the whole year | yearly
if I upgrade now, when does it start | upgrade
when would a downgrade begin | downgrade
is there a reduced price for charities | nonprofit
how can I redeem a coupon | coupon
can we pay with PayPal | payment-methods
I want to use a different credit card | change-card
on what day are we billed | billing-date
are taxes included in your prices | currency-tax
where can I get a copy of an invoice | invoices
how can I put our company address on the invoice | invoice-details
what do you do when an invoice isn't paid in time | overdue
I'd like a refund | refunds
how many days can I try it for free | trial
what happens after the free trial | trial-end
where can I cancel my plan | cancel
how do I send an invitation to a coworker | invite
how can I delete a user from the workspace | remove
what's an admin allowed to do | roles
how can I make somebody else the owner | transfer
is a guest account free | guests
how can I share a board publicly | permissions
which ways are there to sign in | sign-in
I need a new password | password
I want to change the e-mail I sign in with | email-change
how do I switch on two-factor | two-factor
I've lost my authenticator app | two-factor-lost
can two-factor be made compulsory for all | two-factor-all
does Larkboard have single sign-on | sso
is SCIM available | scim
how do I sign out on all my devices | sessions
how can I get notifications in Slack | slack
can I sync deadlines to Outlook | calendar
can I link cards with GitHub | github
which other services can be connected | integrations
can I set up rules that run by themselves | automations
how do I register a webhook | webhooks
where do I get a key for the API | api
is there a limit on API calls | api-limits
can I bring over my boards from Asana | import
how can I download all our boards | export
can I save a board as a template | templates
can I make a card come back every week | recurring
can I see tasks as bars over time | timeline
do you have an Android app | mobile
can I use it when I have no connection | offline
will it work in Microsoft Edge | browsers
how do I mute notifications | notifications
what's the maximum size of a file | attachments
can I have it in French | language
where can I see the earlier versions of a card | history
how can I get back a card that I deleted | bin
how long is our data stored after we leave | retention
how can I close our account completely | delete-workspace
do you comply with the GDPR | gdpr
in which country are your servers | region
are my files encrypted | security
where can I report a security bug | report-bug
is there a log of who did what | audit-log
do you guarantee any uptime | uptime
is there an outage right now | status
when can I reach your support team | support-hours
the screen stays white | t-blank
our board takes very long to open | t-slow
my login has been locked | t-sign-in
the e-mail for resetting my password hasn't come | t-reset-mail
my authentication code isn't accepted | t-code
I keep being redirected when I use single sign-on | t-sso-loop
the invitation I got doesn't work any more | t-invite
I don't receive push notifications | t-push
I no longer get e-mails from Larkboard | t-mail
Google Calendar doesn't show my cards | t-calendar
nothing is posted to our Slack channel any more | t-slack
uploading a file doesn't work | t-upload
importing my CSV file fails | t-import
my cards are duplicated since I imported them | t-duplicates
I can't see what others change on the board | t-sync
my credit card was declined | t-declined
I've been billed two times | t-double
one of our boards vanished | t-missing-board
I'm not able to edit cards | t-read-only
the app keeps crashing | t-crash
the time shown on my cards is wrong | t-timezone
the search can't find a card | t-search
our webhooks have stopped | t-webhook
the API answers with four hundred and one | t-api
the link to my export is no longer valid | t-export-link
nothing shows up on the timeline | t-timeline
"""
_OBLIQUE = """
we are only two people and have no budget, is that alright | plan-free
what would it set us back each month | plans
does every extra colleague raise the bill | plans
we are about fifteen folks, what should we take | plan-team plans
what do I gain by going from Team to the next one up | plan-business
our company has four hundred employees, what would that be | plan-enterprise
do I save anything if I commit to twelve months | yearly
if I move up today, do I pay the whole amount again | upgrade
can we step down in the middle of the month | downgrade
I teach at a primary school, is there anything off for us | nonprofit
I was given a promotional code, where does it go | coupon
could our bookkeeping wire you the money instead | payment-methods
the bank sent me a new credit card, what now | change-card
which day does the money leave my account | billing-date
is VAT on top of that | currency-tax
I need the PDF of last month's bill for the tax office | invoices
how many days do I get to settle a bill | invoices
the bill should show our legal entity and a PO number | invoice-details
will you shut us out if the money comes late | overdue
I changed my mind after a week, do I get the money back | refunds
can we look at it first without giving a card | trial
the two weeks are nearly over, do we lose our work | trial-end
how do I get out of the contract | cancel
a new designer starts on Monday, how do I get her in | invite
a colleague has quit, how do I shut him out | remove
who is allowed to alter the workspace settings | roles
our founder is leaving and I should take over the workspace | transfer
can a customer look at one board without paying | guests
I want nobody but me to see this board | permissions
can I use my Gmail account to get in | sign-in
it slipped my mind what my password was | password
I got married and my mail address is different now | email-change
I would like an extra code besides the password | two-factor
my phone was stolen and the codes were on it | two-factor-lost
everybody in the company must use a second factor, can I enforce that | two-factor-all
we use Azure to log in everywhere, does that work here | sso
can new hires be created by our directory without any clicks | scim
I forgot to log out on a library computer | sessions
can a channel be told when a card moves | slack
I'd like my deadlines next to my meetings | calendar
we live in pull requests, can a card notice a merge | github
does it talk to the other apps we use | integrations
when a card goes to done, can it be given to somebody by itself | automations
can you call our server when something happens | webhooks
I want to write a script against your system | api
how many calls a minute may my script make | api-limits
we have everything in Trello, must we type it all again | import
I want a copy of everything we have in there | export
can I start each project from the same board | templates
every Friday I have the same chore, can that appear by itself | recurring
I need one task to wait for another one | timeline
can I use it on my Pixel | mobile
I'll be on a plane all day, can I go on working | offline
does it run in Firefox | browsers
my inbox is flooded by you, make it stop | notifications
can I put a hundred megabyte video on a card | attachments
can my Spanish colleagues have the menus in their language | language
who moved this card last Tuesday | history
I threw a board away by mistake | bin
after we leave, how soon is everything wiped | retention
get rid of our whole workspace for good | delete-workspace
our lawyer wants a contract about processing personal data | gdpr
must our data leave Europe | region
how do you keep intruders away from our stuff | security
I discovered a flaw that lets me read other people's boards | report-bug
our auditor asks who exported data last month | audit-log
what do you promise about being available | uptime
nothing responds, is it on your side | status
are you around on Saturdays | support-hours
all I get is white | t-blank
it takes ages until the board appears | t-slow
it says I tried too often and now I can't get in | t-sign-in
I asked for a new password but no message came | t-reset-mail
the six digits are never accepted | t-code
after the company login it bounces me back and forth | t-sso-loop
the link in the invite says it is no longer good | t-invite
nothing pops up on my iPhone when I am mentioned | t-push
I haven't had a mail from you for weeks | t-mail
my deadlines are missing from Outlook | t-calendar slack calendar
the channel has gone quiet since we renamed it | t-slack
the picture refuses to attach | t-upload
the spreadsheet is rejected halfway through | t-import
after the import each card is there two times | t-duplicates
my colleague moved a card and I still see the old place | t-sync
the bank said no to your charge | t-declined
you took the money two times | t-double
yesterday there was a marketing board and now there is none | t-missing-board
I can look at cards but not drag them | t-read-only
the app shuts itself as soon as I open it | t-crash
everything is shown two hours too early | t-timezone
I type the title of a card and get no results | t-search
our endpoint has not been called since the weekend | t-webhook
my script suddenly gets error four oh three | t-api
the download of our data says it is too old | t-export-link
the bars are all gone from the planning view | t-timeline timeline
"""
_UNANSWERED = """
do you have a time tracking feature
can I pay with bitcoin
is there a plugin for Figma
do you connect to Salesforce
can I print a board on paper
who is the chief executive of Larkboard
can I make video calls inside of a board
how do I change the color of my background
is there a dark mode
do you offer training courses for new users
can I host Larkboard on our own servers
do you support HIPAA for hospitals
can I change the order of the columns by voice
how many people work at Larkboard
does it work on a smart watch
can you recommend a project manager
do you have a partner program for resellers
is there an integration with Jira
how do I merge two workspaces into one
can I draw diagrams on a board
how do I bake sourdough bread
what is the capital of Australia
will it rain this weekend
who won the football last night
my washing machine makes a strange noise
what is seventeen times twelve
can you book me a table for two
what is the best way to lose weight
when does the next train to Vienna leave
tell me something about the Roman Empire
does Larkboard have an office in Tokyo
can I vote on cards with my team
how do I record my screen
do you have chat messages between people
can I see a burndown chart
do you estimate how long tasks will take with artificial intelligence
can I attach a signature to a contract in Larkboard
do you sell gift cards
how do I get a job at your company
can I track my expenses
"""


def _read(lines: str) -> tuple[Asked, ...]:
    pairs = (line.split("|") for line in lines.strip().splitlines())
    return tuple(Asked(text.strip(), tuple(ids.split())) for text, ids in pairs)


PLAIN = _read(_PLAIN)
"Put in other words, but naming what it is about."
OBLIQUE = _read(_OBLIQUE)
"Told from the caller's side, with hardly a word of the article's."
UNANSWERED = tuple(Asked(line) for line in _UNANSWERED.strip().splitlines())
"About things we do not have, some of them very near to those we have; and about things that are not ours."
