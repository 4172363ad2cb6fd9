from collab.music.pieces.dice import Dice


def test_draws_are_those_of_splitmix64() -> None:
    """The values of the reference implementation for this seed."""
    dice = Dice(1_234_567)
    assert [dice.below(2**64) for _ in range(3)] == [
        6_457_827_717_110_365_317,
        3_203_168_211_198_807_973,
        9_817_491_932_198_370_423,
    ]


def test_every_side_comes_up() -> None:
    dice = Dice(1)
    assert {dice.between(-2, 2) for _ in range(200)} == {-2, -1, 0, 1, 2}
    assert {dice.choice("abc") for _ in range(100)} == set("abc")
    assert not any(dice.chance(0) for _ in range(100))
    assert all(dice.chance(100) for _ in range(100))
