"""Slack's names of emoji → Unicode: the commonest; any other keeps its name, as a workspace's own must."""

_NAMES = """
👍 +1 thumbsup|👎 -1 thumbsdown|❤️ heart|😂 joy|🎉 tada|🙏 pray|👀 eyes|🚀 rocket|💯 100|🔥 fire|👏 clap
🙌 raised_hands|✅ white_check_mark|✔️ heavy_check_mark|☑️ ballot_box_with_check|❌ x
❎ negative_squared_cross_mark|➕ heavy_plus_sign|➖ heavy_minus_sign|❓ question
❗ exclamation heavy_exclamation_mark|‼️ bangbang|⚠️ warning|🚫 no_entry_sign|⛔ no_entry|😄 smile
😀 grinning|😃 smiley|😁 grin|😆 laughing satisfied|😅 sweat_smile|🤣 rolling_on_the_floor_laughing rofl
🙂 slightly_smiling_face|🙃 upside_down_face|😉 wink|😊 blush|😇 innocent|🥰 smiling_face_with_3_hearts
😍 heart_eyes|🤩 star-struck|😘 kissing_heart|😋 yum|😛 stuck_out_tongue|😜 stuck_out_tongue_winking_eye
🤪 zany_face|🤗 hugging_face|🤔 thinking_face thinking|🤐 zipper_mouth_face|🤨 face_with_raised_eyebrow
😐 neutral_face|😑 expressionless|😶 no_mouth|😏 smirk|😒 unamused|🙄 face_with_rolling_eyes|😬 grimacing
😌 relieved|😔 pensive|😪 sleepy|😴 sleeping|😷 mask|🤒 face_with_thermometer|🤕 face_with_head_bandage
🤢 nauseated_face|🤮 face_vomiting|🤯 exploding_head|🤠 face_with_cowboy_hat|🥳 partying_face
😎 sunglasses|🤓 nerd_face|🧐 face_with_monocle|😕 confused|😟 worried|🙁 slightly_frowning_face
☹️ white_frowning_face|😮 open_mouth|😯 hushed|😲 astonished|😳 flushed|🥺 pleading_face|😨 fearful
😰 cold_sweat|😥 disappointed_relieved|😢 cry|😭 sob|😱 scream|😖 confounded|😣 persevere|😞 disappointed
😓 sweat|😩 weary|😫 tired_face|🥱 yawning_face|😤 triumph|😡 rage|😠 angry|🤬 face_with_symbols_on_mouth
😈 smiling_imp|💀 skull|💩 hankey poop|🤡 clown_face|👻 ghost|👽 alien|🤖 robot_face|🫡 saluting_face
🫠 melting_face|🙈 see_no_evil|🙉 hear_no_evil|🙊 speak_no_evil|💋 kiss|💔 broken_heart|💕 two_hearts
💖 sparkling_heart|🧡 orange_heart|💛 yellow_heart|💚 green_heart|💙 blue_heart|💜 purple_heart
🖤 black_heart|🤍 white_heart|🫶 heart_hands|💥 boom collision|💫 dizzy|💦 sweat_drops|💤 zzz|👋 wave
✋ hand raised_hand|🖐️ raised_hand_with_fingers_splayed|👌 ok_hand|✌️ v|🤞 crossed_fingers|🤘 the_horns
🤙 call_me_hand|👈 point_left|👉 point_right|👆 point_up_2|👇 point_down|☝️ point_up|✊ fist
👊 facepunch punch|🤝 handshake|💪 muscle|✍️ writing_hand|🤦 face_palm|🤷 shrug|🙋 raising_hand|🙇 bow
💃 dancer|🧠 brain|👑 crown|🐛 bug|🐢 turtle|🐶 dog|🐱 cat|🐧 penguin|🦄 unicorn_face|🌈 rainbow|☀️ sunny
⭐ star|🌟 star2|✨ sparkles|⚡ zap|❄️ snowflake|🍕 pizza|🍪 cookie|🎂 birthday|🍰 cake|☕ coffee|🍺 beer
🍻 beers|🥂 clinking_glasses|🍾 champagne|🏆 trophy|🥇 first_place_medal|🎯 dart|🎁 gift|🎈 balloon
🎊 confetti_ball|🏁 checkered_flag|💡 bulb|📌 pushpin|📝 memo pencil|📈 chart_with_upwards_trend
📉 chart_with_downwards_trend|🔒 lock|🔑 key|🔧 wrench|🔨 hammer|🚨 rotating_light|🚧 construction|🚢 ship
🛑 octagonal_sign|⏳ hourglass_flowing_sand|⏰ alarm_clock|📣 mega|🔔 bell|💰 moneybag|🆗 ok|🆒 cool|🆕 new
🔴 red_circle|🟢 large_green_circle|🟡 large_yellow_circle|🔵 large_blue_circle
🔄 arrows_counterclockwise
"""
_SIGNS = {
    name: sign
    for sign, *names in (row.split() for row in _NAMES.replace("\n", "|").split("|") if row)
    for name in names
}
_TONES = {f"skin-tone-{number}": chr(0x1F3FB + number - 2) for number in range(2, 7)}
#: The mark that asks for a colourful picture; a skin tone stands in its place.
_VARIATION = "\ufe0f"


def emoji(name: str) -> str:
    """Write an emoji by Slack's name, "thumbsup" or "thumbsup::skin-tone-2"; `:name:` where it is not known."""
    plain, _, tone = name.partition("::")
    sign = _SIGNS.get(plain)
    if sign is None or (tone and tone not in _TONES):
        return f":{name}:"
    return sign.replace(_VARIATION, "") + _TONES[tone] if tone else sign
